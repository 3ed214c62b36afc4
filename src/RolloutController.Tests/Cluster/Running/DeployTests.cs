using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>A real API server takes the manifests of <c>deploy/</c>, and warns of nothing; one with Pod Security would warn of a pod that is not restricted.</summary>
internal sealed class DeployTests : ClusterTest
{
    [TestCase("deploy")]
    [TestCase("deploy/namespaced")]
    [TestCase("deploy/optional")]
    public async Task The_manifests_are_taken(string folder)
    {
        if (TestCluster.IsEmbedded)
            Assert.Ignore("The embedded cluster has none of some kinds that are installed.");
        // The namespace has to be there before what is in it, also in a dry run.
        await ClusterSession.AccountAsync(Api, Cancellation);
        await Api.ApplyAsync(await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/namespace.yaml"), Cancellation), "rollout-system", Cancellation);
        var space = folder == "deploy/optional" ? Namespace : "rollout-system";

        // PodDisruptionBudgets are v1 since Kubernetes 1.21, which the test cluster need not be.
        var files = Directory.EnumerateFiles(RepositoryFiles.PathOf(folder), "*.yaml").Where(file => Path.GetFileName(file) != "pdb.yaml").SelectMany(file => new[] { "-f", file });

        var said = await Kubectl.RunAsync(space, Cancellation, ["apply", "--server-side", "--force-conflicts", "--dry-run=server", .. files]);

        Assert.That(said, Does.Contain("(server dry run)").And.Not.Contain("Warning"));
    }
}
