using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>
/// Hundreds of Rollouts replace their versions at once; half of them ask a provider of their own, and that one hangs. The other half is to be as fast as
/// when both answer. Pods are played, because what is measured is the controller.
/// </summary>
internal sealed class HangingProviderFault : IAsyncDisposable
{
    private const int AtOnce = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <summary>How much longer the half that is answered may take beside one that is not, in a run that shares its machine.</summary>
    private const double Tolerance = 1.5;

    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-faults-").FullName;
    private readonly Stack<IAsyncDisposable> _owned = [];
    private readonly ConcurrentDictionary<(string Name, long Generation), long> _ends = [];
    private readonly ClusterApi _api = ClusterApi.FromEnvironment(patient: true);
    private readonly List<string> _answered;
    private readonly List<string> _hung;
    private string _namespace = "";
    private LiveList _rollouts = null!;

    private HangingProviderFault(int rollouts)
    {
        var names = Enumerable.Range(0, rollouts).Select(number => string.Create(CultureInfo.InvariantCulture, $"shop-{number:000}")).ToList();
        _answered = [.. names.Where((_, index) => index % 2 == 0)];
        _hung = [.. names.Where((_, index) => index % 2 == 1)];
    }

    public static async Task RunAsync(int rollouts, FaultTable table, CancellationToken cancellationToken)
    {
        await using var run = new HangingProviderFault(rollouts);
        var slow = await run.StartAsync(cancellationToken);
        await run.UntilEndedAsync([.. run._answered, .. run._hung], await run.ShipAsync("v1", cancellationToken), "the first versions", cancellationToken);

        var before = await run.ShipAsync("v2", cancellationToken);
        var both = await run.UntilEndedAsync(run._answered, before, "the half that is always answered", cancellationToken);
        await run.UntilEndedAsync(run._hung, before, "the other half", cancellationToken);

        slow.Hang();
        var beside = await run.ShipAsync("v3", cancellationToken);
        var alone = await run.UntilEndedAsync(run._answered, beside, "the half that is answered", cancellationToken);
        var moved = run._hung.Count(name => run._ends.ContainsKey((name, beside.Generation)));
        slow.Answer();
        await run.UntilEndedAsync(run._hung, beside, "the half that was not answered", cancellationToken);

        table.Add(
            $"a provider hangs ({rollouts} Rollouts at once; half of them ask it, half another one)", "1 time",
            $"{run._answered.Count} promoted within {alone.Max().TotalSeconds:0} s, half of them within {Median(alone).TotalSeconds:0} s (both answering: {both.Max().TotalSeconds:0} and {Median(both).TotalSeconds:0} s); "
            + $"{run._hung.Count - moved} held meanwhile, and promoted when it answered again",
            moved == 0 && Median(alone) < Tolerance * Median(both) && alone.Max() < Tolerance * both.Max());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _owned)
            await part.DisposeAsync();
        _api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    private async Task<SwitchedProvider> StartAsync(CancellationToken cancellationToken)
    {
        // It goes with the cluster: to delete hundreds of Rollouts and their pods would take longer than the run.
        _namespace = (await TestNamespace.CreateAsync(_api, cancellationToken)).Name;
        var prometheus = Own(await PrometheusProcess.StartAsync([], cancellationToken));
        var slow = Own(await SwitchedProvider.StartAsync(prometheus.Url, cancellationToken));
        Own(await KubeletPlayer.StartAsync(_api, _namespace, cancellationToken));
        _rollouts = Own(await LiveList.StartAsync(_api, ClusterPath.Rollouts(_namespace), cancellationToken, Took));
        Own(await ControllerProcess.StartInAsync(Install(slow.Url), Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!, _namespace, prometheus.Url, cancellationToken));
        return slow;
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _owned.Push(part);
        return part;
    }

    /// <summary>A copy of the controller with the second provider in the file of settings beside it.</summary>
    private string Install(Uri slow)
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        File.WriteAllText(
            Path.Combine(_folder, "appsettings.json"),
            new JsonObject { ["Rollout"] = new JsonObject { ["Providers"] = new JsonObject { ["slow"] = new JsonObject { ["Address"] = slow.ToString() } } } }.ToJsonString());
        return _folder;
    }

    private void Took(ClusterEvent change)
    {
        var rollout = change.Object;
        var generation = rollout.Number("metadata.generation");
        if (rollout.Text("status.state.name") == "AtRest" && rollout.Text("status.phase") == "Healthy" && rollout.Number("status.observedGeneration") == generation)
            _ends.TryAdd((rollout.Name(), generation), Stopwatch.GetTimestamp());
    }

    private async Task<Shipment> ShipAsync(string version, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"a provider hangs: {version} of {_answered.Count + _hung.Count} Rollouts");
        var starts = new ConcurrentDictionary<string, long>();
        var generation = 0L;
        await Parallel.ForEachAsync(
            _answered.Zip(_hung).SelectMany(pair => new[] { (Name: pair.First, Provider: "prometheus"), (Name: pair.Second, Provider: "slow") }),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (rollout, token) =>
            {
                starts[rollout.Name] = Stopwatch.GetTimestamp();
                var applied = await _api.ApplyAsync(Rollout(rollout.Name, version, rollout.Provider).Yaml(), _namespace, token);
                Interlocked.Exchange(ref generation, applied.Number("metadata.generation"));
            });
        return new Shipment(generation, starts);
    }

    private async Task<List<TimeSpan>> UntilEndedAsync(List<string> names, Shipment shipment, string what, CancellationToken cancellationToken)
    {
        await WaitFor.StateAsync(
            _ => Task.FromResult(names.Count(name => !_ends.ContainsKey((name, shipment.Generation)))), missing => missing == 0, Patience, $"{what} to be promoted", cancellationToken);
        return [.. names.Select(name => Stopwatch.GetElapsedTime(shipment.Starts[name], _ends[(name, shipment.Generation)]))];
    }

    private static RolloutBuilder Rollout(string name, string version, string provider) => new(Manifests.Template(version, name))
    {
        Name = name,
        Service = null,
        Replicas = 2,
        Weights = [50, 100],
        Hold = "2s",
        MaxErrorRate = null,
        ProgressDeadline = "30m",
        More = $"  analysis: {{interval: 1s, provider: {provider}, checks: [{{name: one, query: {{expression: 'vector(0)'}}, critical: {{above: 1}}}}]}}",
    };

    /// <summary>One version of all Rollouts.</summary>
    /// <param name="Generation">Of their specs.</param>
    /// <param name="Starts">When each was asked for.</param>
    private sealed record Shipment(long Generation, ConcurrentDictionary<string, long> Starts);
}
