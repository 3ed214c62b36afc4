using NUnit.Framework;
using RolloutController.Tests.Cli;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Running;

/// <summary><c>convert</c> of what runs in a cluster.</summary>
internal sealed class ClusterConvertTests : ClusterTest
{
    [SetUp]
    public Task RequireAsync() => RequireRolloutsAsync();

    [Test]
    public async Task A_Deployment_becomes_a_Rollout_that_the_cluster_takes()
    {
        await ApplyAsync(Manifests.Deployment(2, Manifests.Template("v1")));
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());

        var converted = await RunAsync("convert", "deployment/shop");
        Assert.That((converted.Code, converted.Error), Is.EqualTo((0, "")));
        Assert.That(converted.Output, Does.StartWith($"# From Deployment shop (apps/v1), namespace {Namespace}\n").And.Contain("    routes:\n    - kind: HTTPRoute\n      name: shop\n"));

        using var folder = new TemporaryFolder();
        var linted = await RunAsync("lint", "--cluster", "-f", folder.Write("shop.yaml", converted.Output));
        Assert.That((linted.Code, linted.Error), Is.EqualTo((0, "")), linted.Output);
    }

    [TestCase("deployment/shop", "There is no Deployment shop of apps/v1 in namespace {0}: ")]
    [TestCase("canary/shop", "The cluster does not serve flagger.app/v1beta1 Canary, as Flagger is not installed there: ")]
    [TestCase("rollout.argoproj.io/shop", "The cluster does not serve argoproj.io/v1alpha1 Rollout, as Argo Rollouts is not installed there: ")]
    public async Task What_is_not_there_is_told(string what, string message)
    {
        var converted = await RunAsync("convert", what);
        Assert.That((converted.Code, converted.Output), Is.EqualTo((1, "")));
        Assert.That(converted.Error, Does.StartWith(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, Namespace)));
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.RunAsync(Namespace, Cancellation, arguments);
}
