using System.Net;
using System.Text;
using RolloutController.Analysis;
using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>Makes what looks for a check: its pods from the caches, its Secrets from the API, its values from metrics providers.</summary>
/// <param name="client">The API.</param>
/// <param name="caches">What is known of the cluster.</param>
/// <param name="arms">How metrics name the versions.</param>
/// <param name="providers">Who is asked.</param>
/// <param name="pods">What carries requests to pods.</param>
/// <param name="clock">The clock.</param>
internal sealed class CheckFactory(IKubernetesClient client, Caches caches, Arms arms, Providers providers, HttpMessageInvoker pods, TimeProvider clock)
{
    /// <summary>The Service of the API server itself.</summary>
    private static readonly ObjectKey ApiServer = new("default", "kubernetes");

    /// <summary>Makes a check of a rollout that is under way.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="step">Where it is.</param>
    /// <param name="check">The check.</param>
    /// <param name="finding">What it found so far; null before the first look.</param>
    public ICheck Make(RolloutObject rollout, Progressing step, CheckSpec check, CheckFinding? finding) => check switch
    {
        { Job: not null } => new JobCheck(
            client, rollout, step, check, finding is { Samples: > 0 } ? new JobCheck.End(finding.Level == CheckLevel.Normal, finding.Message) : null, clock),
        { Http: { } http } => new HttpCheck(
            http,
            () => Targets(rollout, step.Canary, http.Port),
            () => Targets(rollout, step.Stable, http.Port),
            check.MaxIncrease is not null,
            (secret, cancellation) => SecretAsync(rollout.Metadata.Namespace, secret, cancellation),
            pods,
            clock),
        { Metric: { } metric } => ValueCheck.OfGauges(
            Provider(rollout), GaugeSelectors.Of(metric), arms.Canary(rollout, step), Compared(rollout, step, check), check.Interval ?? Gates.Interval(rollout.Spec), clock),
        { Query: { } query } => ValueCheck.OfQuery(
            Provider(rollout), QueryTemplate.Parse(query.Expression), arms.Canary(rollout, step), Compared(rollout, step, check), clock),
        { Logs: { } logs } => ValueCheck.OfLogs(
            providers.Logs.Find(logs.Provider)!, LogQuery.Parse(logs), logs.Value, arms.Canary(rollout, step), Compared(rollout, step, check), clock),
        { Hook: { } hook } => new HookCheck(providers.Hooks.Find(hook.Name)!, () => Question(rollout, step, check.Name, hook)),
        _ => throw new InvalidOperationException($"there is no way to carry out the check {check.Name}"),
    };

    private HookQuestion Question(RolloutObject rollout, Progressing step, string check, HookCheckSpec hook) => new()
    {
        Time = clock.GetUtcNow(),
        Check = check,
        Namespace = rollout.Metadata.Namespace,
        Rollout = rollout.Metadata.Name,
        Revision = step.Canary,
        StableRevision = step.Stable,
        Stage = step.Stage,
        Weight = step.IsAtGates ? 0 : step.Weight,
        Parameters = hook.Parameters,
    };

    private IMetricProvider Provider(RolloutObject rollout) => providers.Metrics.Of(rollout.Spec)
        ?? throw new InvalidOperationException("a Rollout whose metrics provider is not there is not judged");

    private ArmIdentity? Compared(RolloutObject rollout, InFlight step, CheckSpec check) =>
        check.MaxIncrease is null ? null : arms.Stable(rollout, step);

    private List<PodTarget> Targets(RolloutObject rollout, string revision, IntOrString? port)
    {
        var apart = NotOfPods();
        return [.. caches.ReplicaSetsOf(rollout.Metadata.Uid)
            .Where(set => ReplicaSets.Revision(set) == revision)
            .SelectMany(set => caches.PodsOf(set).Where(IsReady).Select(pod => (Pod: pod, Port: PortOf(set, port))))
            .Select(one => PodAddress.Parse(one.Pod.Status.PodIP, apart) is { } address ? new PodTarget(one.Pod.Metadata.Name, address, one.Port) : null)
            .OfType<PodTarget>()];
    }

    /// <summary>Where the API server is: as every pod is told, and by its endpoints where this namespace is watched.</summary>
    private HashSet<IPAddress> NotOfPods() =>
    [
        .. caches.SlicesOf(ApiServer).SelectMany(slice => slice.Endpoints).SelectMany(endpoint => endpoint.Addresses)
            .Append(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") ?? "")
            .Select(text => IPAddress.TryParse(text, out var address) ? address : null)
            .OfType<IPAddress>(),
    ];

    /// <summary>Whether a pod is ready, and alone at its address: on the network of its node a request would meet whatever listens there.</summary>
    private static bool IsReady(Pod pod) => pod is { Metadata.DeletionTimestamp: null, Spec.HostNetwork: false }
        && pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" });

    private static int? PortOf(ReplicaSet set, IntOrString? asked) => asked switch
    {
        { Number: { } number } => number,
        { Text: var name } => Number(set.Spec.Template.Ports.Where(port => port.Name == name)),
        null => Number(set.Spec.Template.Ports),
    };

    private static int? Number(IEnumerable<ContainerPort> ports) => ports.Select(port => (int?)port.Number).FirstOrDefault();

    /// <summary>Read for each look and never kept: a rotated key works at once, and nothing of it stays in memory.</summary>
    private async Task<string> SecretAsync(string @namespace, SecretKeyReference reference, CancellationToken cancellationToken)
    {
        try
        {
            var secret = await client.GetAsync(KubernetesKinds.Secret, new ObjectKey(@namespace, reference.Name), cancellationToken)
                ?? throw new CheckException(DataClass.ConfigError, $"there is no Secret {reference.Name} in namespace {@namespace}; create it, or name another");
            return secret.Data.TryGetValue(reference.Key, out var value)
                ? Encoding.UTF8.GetString(Convert.FromBase64String(value))
                : throw new CheckException(DataClass.ConfigError, $"Secret {reference.Name} has no key {reference.Key}; add it, or name another");
        }
        catch (KubernetesApiException refused) when (refused.IsForbidden)
        {
            throw new CheckException(DataClass.ConfigError, $"the controller may not read Secret {reference.Name}; allow it in namespace {@namespace}: kubectl create role rollout-checks --verb=get --resource=secrets --resource-name={reference.Name}, and bind it to the controller's service account");
        }
        catch (Exception failed) when (failed is KubernetesApiException or HttpRequestException or IOException or TimeoutException or FormatException)
        {
            throw new CheckException(DataClass.ProviderError, $"Secret {reference.Name} cannot be read just now");
        }
    }
}
