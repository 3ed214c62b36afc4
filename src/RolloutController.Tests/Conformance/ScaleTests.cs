using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>The scale subresource.</summary>
internal sealed class ScaleTests : ConformanceTest
{
    [TestCase("Rollout")]
    [TestCase("ReplicaSet")]
    [TestCase("Deployment")]
    public async Task Scale_reads_and_writes_the_count_alone(string kind)
    {
        var path = await MakeAsync(kind);
        var scale = (await GetAsync($"{path}/scale")).Is(200).Object;
        Assert.That(scale.Text("kind"), Is.EqualTo("Scale"));
        Assert.That(scale.Text("apiVersion"), Is.EqualTo("autoscaling/v1"));
        Assert.That(scale.Name(), Is.EqualTo("shop"));
        Assert.That(scale.Number("spec.replicas"), Is.Zero);
        var before = (await GetAsync(path)).Object;
        Assert.That(scale.Uid(), Is.EqualTo(before.Uid()));

        scale["metadata"]!.AsObject().Remove("resourceVersion");
        scale["spec"]!["replicas"] = 1;
        var written = (await PutAsync($"{path}/scale", scale)).Is(200).Object;
        Assert.That(written.Number("spec.replicas"), Is.EqualTo(1));
        written = (await PatchAsync($"{path}/scale", "{spec: {replicas: 2} }")).Is(200).Object;
        Assert.That(written.Number("spec.replicas"), Is.EqualTo(2));
        var after = (await GetAsync(path)).Object;
        Assert.That(after.Number("spec.replicas"), Is.EqualTo(2));
        Assert.That(after.Number("metadata.generation"), Is.EqualTo(before.Number("metadata.generation") + 2));
        Assert.That(after.At("spec.selector")!.ToJsonString(), Is.EqualTo(before.At("spec.selector")!.ToJsonString()));
    }

    [TestCase("Rollout")]
    [TestCase("ReplicaSet")]
    public async Task Scale_of_an_older_version_is_refused(string kind)
    {
        var path = await MakeAsync(kind);
        var scale = (await GetAsync($"{path}/scale")).Is(200).Object;
        (await PatchAsync(path, "{spec: {minReadySeconds: 3} }")).Is(200);
        scale["spec"]!["replicas"] = 1;
        (await PutAsync($"{path}/scale", scale)).Refuses(409, "Conflict");
        Assert.That((await GetAsync(path)).Object.Number("spec.replicas"), Is.Zero);
    }

    [TestCase("Rollout")]
    [TestCase("ReplicaSet")]
    public async Task Count_is_judged(string kind) =>
        (await PatchAsync($"{await MakeAsync(kind)}/scale", "{spec: {replicas: -1} }")).Refuses(422, "Invalid");

    [TestCase("Rollout")]
    [TestCase("ReplicaSet")]
    public async Task Scale_of_nothing_is_not_found(string kind)
    {
        var path = (await MakeAsync(kind)).Replace("/shop", "/none", StringComparison.Ordinal);
        (await GetAsync($"{path}/scale")).Refuses(404, "NotFound");
        (await PatchAsync($"{path}/scale", "{spec: {replicas: 1} }")).Refuses(404, "NotFound");
    }

    [Test]
    public async Task Scale_tells_the_status_of_a_Rollout()
    {
        var path = await MakeAsync("Rollout");
        (await PatchAsync($"{path}/status", "{status: {replicas: 3, selector: \"app=shop\"} }")).Is(200);
        var scale = (await GetAsync($"{path}/scale")).Is(200).Object;
        Assert.That(scale.Number("status.replicas"), Is.EqualTo(3));
        Assert.That(scale.Text("status.selector"), Is.EqualTo("app=shop"));
    }

    [Test]
    public async Task Scale_tells_the_status_of_a_ReplicaSet()
    {
        var path = await MakeAsync("ReplicaSet");
        (await PatchAsync($"{path}/scale", "{spec: {replicas: 2} }")).Is(200);
        await UntilAsync($"{path}/scale", scale => scale.Number("status.replicas") == 2 && scale.Text("status.selector") == "app=shop", "both pods in status");
    }

    private async Task<string> MakeAsync(string kind)
    {
        var manifest = Yaml.Parse(kind == "Rollout" ? Subject.Rollout.Written("shop") : Manifests.Deployment(0, Manifests.Template("v1")));
        manifest["kind"] = kind;
        manifest["spec"]!["replicas"] = 0;
        await CreateAsync(manifest.ToJsonString());
        var path = ClusterPath.Of(manifest, Namespace);
        // What its controller writes first would only be in the way.
        if (kind != "Rollout")
            await UntilAsync(path, item => item.Number("status.observedGeneration") == 1, "its controller to see it");
        return path;
    }
}
