using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What people do with kubectl.</summary>
internal sealed class KubectlTests : ConformanceTest
{
    [Test]
    public async Task Kubectl_manages_Rollouts()
    {
        var file = System.IO.Path.GetTempFileName();
        await File.WriteAllTextAsync(file, Subject.Rollout.Written("shop"), Cancellation);
        var path = Subject.Rollout.Path(Namespace, "shop");

        Assert.That(await RunAsync("apply", "-f", file), Does.Contain("rollout.rollouts.dev/shop created"));
        Assert.That(await RunAsync("apply", "-f", file), Does.Contain("rollout.rollouts.dev/shop unchanged"));
        (await PatchAsync($"{path}/status", "{status: {phase: Healthy, step: 4/4, weight: 0, message: all is well} }")).Is(200);
        var table = await RunAsync("get", "rollouts");
        Assert.That(table, Does.Match(@"NAME\s+STATUS\s+STEP\s+WEIGHT\s+MESSAGE\s+AGE"));
        Assert.That(table, Does.Match(@"shop\s+Healthy\s+4/4\s+0\s+all is well\s+\d+"));
        Assert.That(await RunAsync("get", "rol/shop", "-o", "yaml"), Does.Contain("kind: Rollout").And.Contain("progressDeadline: 10m"));
        Assert.That(await RunAsync("get", "rollouts", "-o", "jsonpath={.items[*].metadata.name}"), Is.EqualTo("shop\n"));

        Assert.That(await RunAsync("scale", "rollout/shop", "--replicas=4"), Does.Contain("scaled"));
        Assert.That(await RunAsync("patch", "rollout", "shop", "--type=merge", "-p", "{\"spec\": {\"paused\": true}}"), Does.Contain("patched"));
        Assert.That(await RunAsync("patch", "rollout", "shop", "--type=json", "-p", "[{\"op\": \"remove\", \"path\": \"/spec/paused\"}]"), Does.Contain("patched"));
        Assert.That(await RunAsync("label", "rollout", "shop", "tier=web"), Does.Contain("labeled"));
        Assert.That(await RunAsync("annotate", "rollout", "shop", "owner=me"), Does.Contain("annotated"));
        var shop = (await GetAsync(path)).Object;
        Assert.That(shop.Number("spec.replicas"), Is.EqualTo(4));
        Assert.That(shop.Flag("spec.paused"), Is.False);
        Assert.That(shop.Label("tier"), Is.EqualTo("web"));

        (await PatchAsync($"{path}/status", "{status: {conditions: [{type: Ready, status: \"True\", reason: A, message: a, lastTransitionTime: \"2026-01-01T00:00:00Z\"}] } }")).Is(200);
        Assert.That(await RunAsync("wait", "rollout/shop", "--for=condition=Ready", "--timeout=20s"), Does.Contain("condition met"));
        Assert.That(await RunAsync("delete", "rollout", "shop", "--cascade=foreground"), Does.Contain("deleted"));
        (await GetAsync(path)).Is(404);

        Assert.That(await RunAsync("apply", "--server-side", "-f", file), Does.Contain("serverside-applied"));
        Assert.That((await GetAsync(path)).Object.Each("metadata.managedFields").Select(entry => entry.Text("manager")), Has.Member("kubectl"));
        Assert.That(await RunAsync("delete", "-f", file, "--cascade=orphan"), Does.Contain("deleted"));
        (await GetAsync(path)).Is(404);
        File.Delete(file);
    }

    [Test]
    public async Task Kubectl_manages_what_every_cluster_has()
    {
        await CreateAsync(Manifests.Deployment(1, Manifests.Template("v1")));
        Assert.That(await RunAsync("wait", "deployment/shop", "--for=jsonpath={.status.observedGeneration}=1", "--timeout=30s"), Does.Contain("met"));
        Assert.That(await RunAsync("set", "image", "deployment/shop", "app=example/shop:v2"), Does.Contain("image updated"));
        Assert.That((await GetAsync(ClusterPath.Deployments(Namespace, "shop"))).Object.Text("spec.template.spec.containers.0.image"), Is.EqualTo("example/shop:v2"));
        Assert.That(await RunAsync("get", "deployments,services"), Does.Contain("deployment.apps/shop"));
        Assert.That(await RunAsync("delete", "deployment", "shop"), Does.Contain("deleted"));
    }

    private Task<string> RunAsync(params string[] arguments) => Kubectl.RunAsync(Namespace, Cancellation, arguments);
}
