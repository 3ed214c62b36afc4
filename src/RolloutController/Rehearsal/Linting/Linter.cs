using Microsoft.Extensions.Logging.Abstractions;
using RolloutController.Control;
using RolloutController.Control.Config;
using RolloutController.Kubernetes;
using RolloutController.Planning;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Rehearsal.Linting;

/// <summary>
/// Finds what is wrong with Rollouts before they meet a cluster: what an API server would refuse, by the schema and its rules, and what the
/// controller would say of them beside the Services, routes and Deployments of the same manifests, by the code that it would say it with.
/// </summary>
internal static class Linter
{
    /// <summary>Looks at every Rollout among manifests.</summary>
    /// <exception cref="ManifestException">There is none, or something is no manifest.</exception>
    public static IReadOnlyList<Finding> Lint(IReadOnlyList<Manifest> manifests) =>
        [.. RehearsalInput.Rollouts(manifests).SelectMany(rollout => Lint(rollout, manifests))];

    private static List<Finding> Lint(Manifest rollout, IReadOnlyList<Manifest> manifests)
    {
        RehearsalInput input;
        try
        {
            input = RehearsalInput.Of(rollout, manifests);
        }
        catch (ManifestException wrong)
        {
            // That rules were not checked because of what is wrong is no further mistake.
            return [.. wrong.Problems.Where(problem => !problem.StartsWith("<nil>", StringComparison.Ordinal)).Select(problem => new Finding(wrong.Where, problem))];
        }

        var clock = new VirtualTime(RehearsalSettings.Start);
        var plan = new StagePlan(StagePlan.StreamOf(input.Namespace, input.Service, input.Spec.Traffic, requestsPerSecond: 0), _ => new PodScript(), _ => ServingQuality.Good)
        {
            Provider = input.Spec.Analysis?.Provider ?? "rehearsal",
            Spec = input.Spec,
        };
        using var stage = new Stage(plan, clock, NullLoggerFactory.Instance);
        var refused = input.Objects.SelectMany(manifest => Apply(stage.Cluster, manifest)).ToList();
        if (refused.Count > 0)
            return refused;
        IReadOnlyList<Problem> problems = [];
        clock.Run(async () => problems = await ObserveAsync(stage, input, clock));
        return [
            .. problems.Select(problem => new Finding(input.Where, problem.ToString())),
            .. Feasibility.Warnings(input.Spec, new RehearsalSettings()).Select(warning => new Finding(input.Where, warning, IsWarning: true)),
        ];
    }

    private static IEnumerable<Finding> Apply(EmbeddedCluster cluster, Manifest manifest)
    {
        try
        {
            cluster.Create(cluster.Resources.OfKind(manifest.ApiVersion, manifest.Kind)!, StoredObject.Reread(manifest.Json), new WriteOptions { FieldValidation = "Strict" });
            return [];
        }
        catch (ApiFailure refused)
        {
            return refused.Causes.Count == 0
                ? [.. Strict(refused.Message).Select(what => new Finding(manifest.Where, what))]
                : [.. refused.Causes.Select(cause => new Finding(manifest.Where, $"{cause.Field}: {cause.Message}"))];
        }
    }

    /// <summary>Fields that nobody knows come in one sentence.</summary>
    private static string[] Strict(string message)
    {
        const string Before = "strict decoding error: ";
        var at = message.IndexOf(Before, StringComparison.Ordinal);
        return at < 0 ? [message] : message[(at + Before.Length)..].Split(", ");
    }

    /// <summary>What the controller finds before it moves anything.</summary>
    private static async Task<IReadOnlyList<Problem>> ObserveAsync(Stage stage, RehearsalInput input, TimeProvider clock)
    {
        var random = new Random(1);
        using var stop = new CancellationTokenSource();
        var client = RehearsedController.Client(stage.Cluster, random, NullLoggerFactory.Instance);
        var caches = new Caches(client, KubernetesKinds.EndpointSlice, [], clock, random, NullLogger<Caches>.Instance);
        var watches = Task.WhenAll(caches.All.Select(informer => informer.RunAsync(stop.Token)));
        await Task.WhenAll(caches.All.Select(informer => informer.WaitForSyncAsync(stop.Token)));
        await using var configs = new ConfigWatches(client, clock, random, NullLogger<ConfigWatches>.Instance);
        var observer = new Observer(
            caches, new TemplateResolver(client), new ConfigReader(configs, new ConfigRights(client), clock), new EvidenceBook(), stage.Providers, clock);

        var seen = await observer.ObserveAsync(caches.Rollouts.Get(new ObjectKey(input.Namespace, input.Name))!, stop.Token);

        stop.Cancel();
        await watches.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return [.. seen.Observation.Template is TemplateView.Refused { Problem: var problem } ? [problem] : Array.Empty<Problem>(), .. seen.Observation.Problems];
    }
}
