namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>A test with a Deployment that a Rollout takes over.</summary>
internal abstract class WorkloadTest : ControllerTest
{
    protected const int Replicas = 3;

    /// <summary>The annotation that names the Rollout on a Deployment.</summary>
    protected const string TakenOverBy = "rollouts.dev/taken-over-by";

    protected string Deployment => ClusterPath.Deployments(Namespace, "shop");

    /// <summary>A Rollout that takes over the Deployment <c>shop</c>.</summary>
    protected static RolloutBuilder Adopting(string deletionPolicy = "Restore") => new("")
    {
        Workload = "shop",
        Replicas = null,
        MaxErrorRate = null,
        More = $"  deletionPolicy: {deletionPolicy}",
    };

    /// <summary>Lets a Deployment run, and gives back the uids of its pods.</summary>
    protected async Task<IReadOnlySet<string>> RunDeploymentAsync(string version = "v1")
    {
        await ApplyAsync(Manifests.Deployment(Replicas, Manifests.Template(version)));
        await UntilAsync(Deployment, shop => shop.Number("status.availableReplicas") == Replicas, "the Deployment's pods", 60);
        return Kubelet.RunningUids();
    }

    /// <summary>Lets a Deployment run and a Rollout take it over, and gives back the uids of its pods.</summary>
    protected async Task<IReadOnlySet<string>> TakeOverAsync(RolloutBuilder rollout)
    {
        var pods = await RunDeploymentAsync();
        await DeployAsync(rollout);
        await UntilRolloutAsync(item => item.Number("spec.replicas") == Replicas, "the count to be taken over");
        return pods;
    }

    /// <summary>Puts a new version into the Deployment.</summary>
    protected Task ReleaseAsync(string version) => Api.StrategicMergeAsync(
        Deployment, Yaml.Parse($"{{spec: {{template: {{spec: {{containers: [{{name: app, image: 'example/shop:{version}'}}]}}}}}}}}"), Cancellation);
}
