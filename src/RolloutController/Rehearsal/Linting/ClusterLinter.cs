using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Planning;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Traffic;

namespace RolloutController.Rehearsal.Linting;

/// <summary>
/// Finds what is wrong with Rollouts beside the objects of a cluster: what its API server says of the manifests and of the templates in them, and
/// what the controller would say of its Services, routes, Deployments and other Rollouts. Nothing in the cluster is changed.
/// </summary>
/// <param name="live">The cluster.</param>
/// <param name="clock">The clock.</param>
internal sealed class ClusterLinter(IKubernetesClient live, TimeProvider clock)
{
    /// <summary>Looks at every Rollout among manifests.</summary>
    /// <param name="manifests">The manifests, each in a namespace.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ManifestException">There is none, or something is no manifest.</exception>
    /// <exception cref="KubernetesApiException">The cluster cannot be read.</exception>
    public async Task<IReadOnlyList<Finding>> LintAsync(IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        var rollouts = RehearsalInput.Rollouts(manifests);
        if (!await live.ServesAsync(RolloutObject.Kind, cancellationToken))
            return [new Finding(rollouts[0].Where, $"the cluster does not serve {RolloutObject.Kind.ApiVersion}; install it: kubectl apply -f crds/rollouts.yaml")];
        var findings = new List<Finding>();
        var client = new AppliedClient(live);
        // What Rollouts name comes before them.
        foreach (var manifest in manifests.OrderBy(manifest => manifest.IsRollout))
            findings.AddRange(await ApplyAsync(client, manifest, cancellationToken));
        foreach (var rollout in rollouts.Where(rollout => findings.TrueForAll(finding => finding.Where != rollout.Where)))
            findings.AddRange(await LookAsync(client, rollout, manifests, cancellationToken));
        return findings;
    }

    private static async Task<IReadOnlyList<Finding>> ApplyAsync(AppliedClient client, Manifest manifest, CancellationToken cancellationToken)
    {
        var key = new ObjectKey(manifest.Namespace, manifest.Name);
        try
        {
            await ((manifest.ApiVersion, manifest.Kind) switch
            {
                ("rollouts.dev/v1alpha1", "Rollout") => Apply(RolloutObject.Kind),
                ("v1", "Service") => Apply(KubernetesKinds.Service),
                ("apps/v1", "Deployment") => Apply(KubernetesKinds.Deployment),
                ("gateway.networking.k8s.io/v1", "HTTPRoute") => Apply(GatewayRoutes.Http),
                ("gateway.networking.k8s.io/v1", "GRPCRoute") => Apply(GatewayRoutes.Grpc),
                _ => Task.CompletedTask,
            });
            return [];
        }
        catch (KubernetesApiException refused) when (refused.IsInvalid || refused.IsNotFound || refused.StatusCode == System.Net.HttpStatusCode.InternalServerError)
        {
            return Linter.Refusal(manifest, refused.Message, [.. refused.Causes.Where(cause => cause.Field.Length > 0).Select(cause => (cause.Field, cause.Message))]);
        }

        Task Apply<T>(ResourceKind<T> kind)
            where T : class, IKubernetesObject => client.ApplyAsync(kind, key, manifest.Json, cancellationToken);
    }

    private async Task<IEnumerable<Finding>> LookAsync(AppliedClient client, Manifest rollout, IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        RehearsalInput input;
        try
        {
            input = RehearsalInput.Of(rollout, manifests);
        }
        catch (ManifestException wrong)
        {
            // The cluster has rules of another version.
            return wrong.Problems.Select(problem => new Finding(wrong.Where, problem));
        }

        using var stage = Linter.StageFor(input, clock);
        var looking = Linter.ObserveAsync(client, stage.Providers, [rollout.Namespace], new ObjectKey(rollout.Namespace, rollout.Name), clock, cancellationToken);
        // A list that cannot be read would be tried for ever.
        await await Task.WhenAny(looking, client.Failure);
        return [.. (await looking).Select(problem => Tell(rollout, problem)), .. Linter.Warnings(input)];
    }

    /// <summary>What the reader of the cluster may not read, the controller may.</summary>
    private static Finding Tell(Manifest rollout, Problem problem) => problem.Reason == EventReason.ConfigForbidden
        ? new Finding(rollout.Where, "spec.rolloutOn: you may not read the ConfigMaps and Secrets that the template names, so they were not looked at", IsWarning: true)
        : new Finding(rollout.Where, problem.ToString());
}
