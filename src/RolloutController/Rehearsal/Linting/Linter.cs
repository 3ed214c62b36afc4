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
        using var stage = StageFor(input, clock);
        var refused = new List<Finding>();
        IReadOnlyList<Problem> problems = [];
        clock.Run(async () =>
        {
            foreach (var earlier in manifests.TakeWhile(other => !ReferenceEquals(other, rollout)).Where(other => other.IsRollout))
                ApplyAnother(stage.Cluster, earlier, manifests);
            // What two Rollouts want belongs to the older one.
            await Task.Delay(TimeSpan.FromSeconds(1), clock, CancellationToken.None);
            refused.AddRange(input.Objects.SelectMany(manifest => Apply(stage.Cluster, manifest)));
            if (refused.Count > 0)
                return;
            using var client = RehearsedController.Client(stage.Cluster, new Random(1), NullLoggerFactory.Instance);
            problems = await ObserveAsync(client, stage.Providers, [], new ObjectKey(input.Namespace, input.Name), clock, CancellationToken.None);
        });
        return refused.Count > 0 ? refused : [.. problems.Select(problem => new Finding(input.Where, problem.ToString())), .. Warnings(input)];
    }

    /// <summary>Whom a Rollout may ask: everybody that it names, since only an operator knows who is set up.</summary>
    internal static Stage StageFor(RehearsalInput input, TimeProvider clock)
    {
        var stream = StagePlan.StreamOf(input.Namespace, input.Service, input.Spec.Traffic, requestsPerSecond: 0);
        var plan = new StagePlan(stream, _ => new PodScript(), _ => ServingQuality.Good) { Provider = input.Spec.Analysis?.Provider ?? "rehearsal", Spec = input.Spec };
        return new Stage(plan, clock, NullLoggerFactory.Instance);
    }

    /// <summary>What can be carried out, but hardly as it is meant.</summary>
    internal static IEnumerable<Finding> Warnings(RehearsalInput input) =>
        Feasibility.Warnings(input.Spec, new RehearsalSettings()).Select(warning => new Finding(input.Where, warning, IsWarning: true));

    /// <summary>Another Rollout of the manifests, for what it claims; what is wrong with it is told where its own turn comes.</summary>
    private static void ApplyAnother(EmbeddedCluster cluster, Manifest rollout, IReadOnlyList<Manifest> manifests)
    {
        try
        {
            foreach (var manifest in RehearsalInput.Of(rollout, manifests).Objects.Where(manifest => manifest.IsRollout || manifest.Kind == "Namespace"))
                _ = Apply(cluster, manifest).ToList();
        }
        catch (ManifestException)
        {
            // It claims nothing.
        }
    }

    private static IEnumerable<Finding> Apply(EmbeddedCluster cluster, Manifest manifest)
    {
        if (manifest.Kind == "Namespace" && cluster.Find("namespaces", "", manifest.Name) is not null)
            return [];
        try
        {
            cluster.Create(cluster.Resources.OfKind(manifest.ApiVersion, manifest.Kind)!, StoredObject.Reread(manifest.Json), new WriteOptions { FieldValidation = "Strict" });
            return [];
        }
        catch (ApiFailure refused)
        {
            return Refusal(manifest, refused.Message, [.. refused.Causes.Select(cause => (cause.Field, cause.Message))]);
        }
    }

    /// <summary>What an API server says where it refuses a manifest.</summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="message">What it says.</param>
    /// <param name="causes">The fields at fault.</param>
    internal static IReadOnlyList<Finding> Refusal(Manifest manifest, string message, IReadOnlyList<(string Field, string Message)> causes) => causes.Count == 0
        ? [.. Strict(message).Select(what => new Finding(manifest.Where, what))]
        : [.. causes.Select(cause => new Finding(manifest.Where, $"{cause.Field}: {cause.Message}"))];

    /// <summary>Fields that nobody knows come in one sentence.</summary>
    private static string[] Strict(string message)
    {
        const string Before = "strict decoding error: ";
        var at = message.IndexOf(Before, StringComparison.Ordinal);
        return at < 0 ? [message] : message[(at + Before.Length)..].Split(", ");
    }

    /// <summary>What the controller finds before it moves anything.</summary>
    /// <param name="client">The API.</param>
    /// <param name="providers">Who may be asked.</param>
    /// <param name="namespaces">The namespaces to look at; empty for all.</param>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<IReadOnlyList<Problem>> ObserveAsync(
        IKubernetesClient client, Providers providers, IReadOnlyList<string> namespaces, ObjectKey rollout, TimeProvider clock, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var slices = await client.ServesAsync(KubernetesKinds.EndpointSlice, stop.Token) ? KubernetesKinds.EndpointSlice : KubernetesKinds.EndpointSliceV1Beta1;
        var caches = new Caches(client, slices, namespaces, clock, random, NullLogger<Caches>.Instance);
        var watches = Task.WhenAll(caches.All.Select(informer => informer.RunAsync(stop.Token)));
        try
        {
            await Task.WhenAll(caches.All.Select(informer => informer.WaitForSyncAsync(stop.Token)));
            await using var configs = new ConfigWatches(client, clock, random, NullLogger<ConfigWatches>.Instance);
            var observer = new Observer(
                caches, new TemplateResolver(client), new ConfigReader(configs, new ConfigRights(client), clock), new EvidenceBook(), providers, clock);
            var seen = await observer.ObserveAsync(caches.Rollouts.Get(rollout)!, stop.Token);
            return Problems(seen);
        }
        finally
        {
            stop.Cancel();
            await watches.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    private static IReadOnlyList<Problem> Problems(Observed seen) =>
        [.. seen.Observation.Template is TemplateView.Refused { Problem: var problem } ? [problem] : Array.Empty<Problem>(), .. seen.Observation.Problems];
}
