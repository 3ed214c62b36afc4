using System.Collections.Concurrent;
using System.Diagnostics;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Rehearsal.Scenarios;

namespace RolloutController.Benchmarks;

/// <summary>How long rehearsals take: one of an hour, and many that chance makes up.</summary>
internal static class RehearsalBenchmark
{
    private const int Threads = 2;
    private static readonly TimeSpan HourBar = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ScenarioBar = TimeSpan.FromSeconds(60.0 / 1000);

    public static void Run(BenchmarkScale scale, ResultTable table)
    {
        RunHour(table);
        RunScenarios(scale.Scenarios, table);
    }

    private static void RunHour(ResultTable table)
    {
        var input = RehearsalInput.Find(ManifestReader.Read(["-"], new StringReader(Hour)), null).Single();
        var times = new List<TimeSpan>();
        for (var run = 0; run < 6; run++)
        {
            var started = Stopwatch.GetTimestamp();
            var result = RehearsalRun.Rehearse(input, NamedScenarios.All[0], new RehearsalSettings());
            times.Add(Stopwatch.GetElapsedTime(started));
            if (result is not { Outcome: Outcome.Promoted, Duration.TotalHours: >= 1 })
                throw new InvalidOperationException($"The rehearsal went another way: {result.Outcome} after {result.Duration}.");
        }
        var again = new Durations(times[1..]);
        table.Add(
            "rehearsal of an hour's rollout, 10 pods, 100 requests/s",
            $"{times[0].TotalMilliseconds:0} ms in a fresh process, then {again}: {times[0] / HourBar:0.00} of the bar of {HourBar.TotalSeconds:0} s at worst");
    }

    private static void RunScenarios(int count, ResultTable table)
    {
        var outcomes = new ConcurrentDictionary<Outcome, int>();
        var busy = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Threads }, seed =>
            outcomes.AddOrUpdate(RandomRehearsal.Of(seed).Rehearse().Outcome, 1, (_, before) => before + 1));
        var elapsed = Stopwatch.GetElapsedTime(started);
        busy = Environment.CpuUsage.TotalTime - busy;
        table.Add(
            $"{count:N0} rehearsals that chance makes up, on {Threads} threads",
            $"{elapsed.TotalSeconds:0.0} s ({busy.TotalSeconds:0.0} s of processor time): {elapsed / (count * ScenarioBar):0.00} of the bar of {count * ScenarioBar.TotalSeconds:0} s; "
            + string.Join(", ", outcomes.OrderBy(outcome => outcome.Key).Select(outcome => $"{outcome.Value} {outcome.Key}")));
    }

    private const string Hour =
        """
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: shop}
        spec:
          replicas: 10
          selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop}}
            spec: {containers: [{name: shop, image: "shop:1", ports: [{containerPort: 8080}]}]}
          traffic: {service: shop, routes: [{kind: HTTPRoute, name: shop}]}
          steps: [{weight: 5, hold: 15m}, {weight: 25, hold: 15m}, {weight: 50, hold: 15m}, {weight: 100, hold: 15m}]
          analysis: {errorRate: {max: 0.5%}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop}
        spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}
        """;
}
