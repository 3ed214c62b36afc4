using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>Backup and restore by the commands of <c>docs/operations.md</c>: the status is not restored, and ReplicaSets are not in it.</summary>
internal sealed partial class RestoreTests : ControllerTest
{
    private readonly TemporaryFolder _folder = new();

    [TearDown]
    public void DeleteBackup() => _folder.Dispose();

    [Test]
    public async Task Restored_beside_pods_that_serve_it_takes_them_as_they_are()
    {
        await DeployAsync(Rollout("v1") with { Weights = [100] });
        await ApplyAsync(Rollout("v2") with { Weights = [100] });
        await UntilHealthyAsync();
        var backup = await BackUpAsync();
        var (pods, starts) = (Kubelet.RunningUids(pod => PodAnnotations.VersionOf(pod) == "v2"), Kubelet.Starts);
        await DeleteAsync("rollout/shop", "--cascade=orphan");

        await RestoreAsync(backup);

        await UntilHealthyAsync();
        Assert.That(Kubelet.RunningUids(pod => PodAnnotations.VersionOf(pod) == "v2"), Is.EquivalentTo(pods), "they served all the time");
        Assert.That(Kubelet.Starts, Is.EqualTo(starts));
    }

    [TestCase(false, "Deployed")]
    [TestCase(true, "Promoted")]
    public async Task Restored_into_an_empty_namespace_it_brings_its_template_and_leaves_nothing_of_a_rollout(bool midway, string outcome)
    {
        await DeployAsync(Rollout("v1"));
        if (midway)
        {
            await ApplyAsync(Rollout("v2") with { Weights = [25, 100], PauseAt = [25] });
            await UntilJudgedAtAsync(25);
        }
        var backup = await BackUpAsync();
        await DeleteAsync("rollout/shop");
        await DeleteAsync("service/shop", "httproute/shop");
        await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), sets => sets.Count == 0, "the ReplicaSets to go");
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 0, "the pods to go");

        await RestoreAsync(backup);

        var restored = await UntilHealthyAsync();
        Assert.That(restored.Each("status.history").Select(record => record.Text("outcome")), Is.EqualTo((string[])[outcome]));
        await UntilPodsAsync((midway ? "v2" : "v1", (int)restored.Number("spec.replicas")!));
        var route = await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation);
        Assert.That(route.Each("spec.rules.0.backendRefs").Select(backend => backend.Text("name")), Is.EqualTo((string[])["shop"]));
        var service = await Api.GetAsync(ClusterPath.Services(Namespace, "shop"), Cancellation);
        Assert.That(service.At("spec.selector")!.ToJsonString(), Is.EqualTo("""{"app":"shop"}"""));
    }

    private async Task<string> BackUpAsync()
    {
        if (TestCluster.IsEmbedded)
            Assert.Ignore("The embedded cluster has no OpenAPI document, by which kubectl apply checks what it sends.");
        return _folder.Write("shop.yaml", await Kubectl.RunAsync(Namespace, Cancellation, Documented("get")));
    }

    private async Task RestoreAsync(string backup) =>
        await Kubectl.RunAsync(Namespace, Cancellation, [.. Documented("apply").Select(word => word == "shop.yaml" ? backup : word)]);

    private Task<string> DeleteAsync(params string[] what) => Kubectl.RunAsync(Namespace, Cancellation, ["delete", .. what]);

    /// <summary>The words of a command of the page, without the namespace and what becomes of its output.</summary>
    private static string[] Documented(string verb)
    {
        var page = File.ReadAllText(RepositoryFiles.PathOf("docs/operations.md"));
        var command = Commands().Matches(page[page.IndexOf("## Backup and restore", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value).First(words => words.StartsWith(verb, StringComparison.Ordinal));
        return command.Split(" > ")[0].Split(' ');
    }

    [GeneratedRegex(@"(?m)^kubectl -n shop ([^\n#]*[^\s#])")]
    private static partial Regex Commands();
}
