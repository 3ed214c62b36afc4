using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What the controllers of every cluster do for the workloads that this one makes.</summary>
internal sealed class WorkloadTests : ConformanceTest
{
    private const string ServiceName = "kubernetes.io/service-name";

    [Test]
    public async Task ReplicaSet_makes_pods_of_its_template()
    {
        var set = await ReplicaSetAsync(2);
        var pods = await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == 2, "two pods");
        foreach (var pod in pods)
        {
            Assert.That(pod.Name(), Does.Match("^shop-[a-z0-9]{5}$"));
            Assert.That(pod.Text("metadata.generateName"), Is.EqualTo("shop-"));
            Assert.That(pod.Label("app"), Is.EqualTo("shop"));
            Assert.That(pod.Text("spec.containers.0.image"), Is.EqualTo("example/shop:v1"));
            Assert.That(pod.Text("status.phase"), Is.EqualTo("Pending"));
            var owner = pod.Each("metadata.ownerReferences").Single();
            Assert.That(owner.Text("uid"), Is.EqualTo(set.Uid()));
            Assert.That(owner.Text("kind"), Is.EqualTo("ReplicaSet"));
            Assert.That(owner.Flag("controller") && owner.Flag("blockOwnerDeletion"), Is.True);
        }
        await UntilAsync(ClusterPath.ReplicaSets(Namespace, "shop"),
            item => item.Number("status.replicas") == 2 && item.Number("status.fullyLabeledReplicas") == 2 && item.Number("status.readyReplicas") == 0, "both pods in status");

        (await PatchAsync(ClusterPath.ReplicaSets(Namespace, "shop"), "{spec: {replicas: 0} }")).Is(200);
        await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == 0, "no pods");
        await UntilAsync(ClusterPath.ReplicaSets(Namespace, "shop"), item => item.Number("status.replicas") == 0 && item.Number("status.observedGeneration") == 2, "none in status");
    }

    [Test]
    public async Task ReplicaSet_replaces_a_pod_that_is_deleted()
    {
        await ReplicaSetAsync(1);
        var first = (await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == 1, "a pod"))[0];
        (await DeleteAsync(ClusterPath.Pods(Namespace, first.Name()))).Is(200);
        await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == 1 && all[0].Uid() != first.Uid(), "another pod");
    }

    [Test]
    public async Task ReplicaSet_counts_pods_that_are_ready_and_available()
    {
        await StartKubeletAsync();
        await ReplicaSetAsync(2);
        await UntilAsync(ClusterPath.ReplicaSets(Namespace, "shop"),
            item => item.Number("status.readyReplicas") == 2 && item.Number("status.availableReplicas") == 2, "both pods to be ready and available");
    }

    [Test]
    public async Task ReplicaSet_adopts_what_it_selects_and_releases_what_it_does_not()
    {
        var orphan = await CreateAsync(
            "{apiVersion: v1, kind: Pod, metadata: {name: orphan, labels: {app: shop} }, spec: {containers: [{name: app, image: example/shop}] } }");
        var set = await ReplicaSetAsync(1);
        var path = ClusterPath.Pods(Namespace, orphan.Name());
        await UntilAsync(path, pod => pod.Text("metadata.ownerReferences.0.uid") == set.Uid(), "the orphan to be adopted");
        Assert.That((await GetAsync(ClusterPath.Pods(Namespace))).Object.Each("items").Count(), Is.EqualTo(1), "it is enough");

        (await PatchAsync(path, "{metadata: {labels: {app: other} } }")).Is(200);
        await UntilAsync(path, pod => !pod.Each("metadata.ownerReferences").Any(), "the pod to be released");
        await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == 2, "another pod in its place");
    }

    [Test]
    public async Task Deployment_makes_a_ReplicaSet_for_each_template_unless_it_is_paused()
    {
        await StartKubeletAsync();
        var deployment = await CreateAsync(Manifests.Deployment(2, Manifests.Template("v1")));
        var path = ClusterPath.Deployments(Namespace, "shop");
        var set = (await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), all => all.Count == 1, "a ReplicaSet"))[0];
        Assert.That(set.Text("metadata.ownerReferences.0.uid"), Is.EqualTo(deployment.Uid()));
        Assert.That(set.Label("pod-template-hash"), Is.Not.Null.And.Not.Empty);
        Assert.That(set.Name(), Is.EqualTo($"shop-{set.Label("pod-template-hash")}"));
        Assert.That(set.Text("spec.selector.matchLabels.pod-template-hash"), Is.EqualTo(set.Label("pod-template-hash")));
        Assert.That(set.Annotation("deployment.kubernetes.io/revision"), Is.EqualTo("1"));
        await UntilAsync(path, item => item.Is("Available") && item.Number("status.availableReplicas") == 2 && item.Number("status.updatedReplicas") == 2, "two available pods");

        (await PatchAsync(path, "{spec: {paused: true} }")).Is(200);
        (await PatchAsync(path, $"{{spec: {{template: {Manifests.Inline(Manifests.Template("v2"))} }} }}")).Is(200);
        var paused = await UntilAsync(path, item => item.Number("status.observedGeneration") == 3, "the controller to see it");
        Assert.That(paused.Number("status.updatedReplicas"), Is.Zero);
        (await PatchAsync(path, "{spec: {replicas: 3} }")).Is(200);
        await UntilAsync(ClusterPath.ReplicaSets(Namespace, set.Name()), item => item.Number("spec.replicas") == 3, "a paused Deployment to scale");
        Assert.That((await GetAsync(ClusterPath.ReplicaSets(Namespace))).Object.Each("items").Count(), Is.EqualTo(1));

        (await PatchAsync(path, "{spec: {paused: null} }")).Is(200);
        var done = await UntilAsync(path, item => item.Number("status.updatedReplicas") == 3 && item.Number("status.replicas") == 3 && item.Number("status.availableReplicas") == 3, "the new version");
        Assert.That(done.Annotation("deployment.kubernetes.io/revision"), Is.EqualTo("2"));
    }

    [Test]
    public async Task Endpoints_of_a_Service_are_its_pods()
    {
        var kubelet = await StartKubeletAsync();
        await CreateAsync(Manifests.Service());
        await ReplicaSetAsync(2);
        var slices = await UntilAllAsync($"{ClusterPath.EndpointSlices(Namespace)}?labelSelector={ServiceName}%3Dshop", all => Ready(all).Count() == 2, "two ready endpoints");

        Assert.That(Ready(slices).Select(endpoint => endpoint.Text("addresses.0")), Is.EquivalentTo(kubelet.Pods.Select(pod => pod.Ip)));
        var slice = slices.Single();
        Assert.That(slice.Text("addressType"), Is.EqualTo("IPv4"));
        Assert.That(slice.Text("ports.0.name"), Is.EqualTo("http"));
        Assert.That(slice.Number("ports.0.port"), Is.EqualTo(RealPods.Port));
        Assert.That(slice.Text("ports.0.protocol"), Is.EqualTo("TCP"));
        Assert.That(slice.Text("metadata.ownerReferences.0.kind"), Is.EqualTo("Service"));
        foreach (var endpoint in Ready(slices))
            Assert.That(endpoint.Text("targetRef.kind"), Is.EqualTo("Pod"));

        kubelet.Become(PodBehaviour.NeverReady, pod => pod.Uid() == kubelet.Pods[0].Object.Uid());
        slices = await UntilAllAsync($"{ClusterPath.EndpointSlices(Namespace)}?labelSelector={ServiceName}%3Dshop", all => Ready(all).Count() == 1, "one endpoint to be unready");
        Assert.That(slices.Single().Each("endpoints").Count(), Is.EqualTo(2), "it is listed all the same");
    }

    [Test]
    public async Task Service_without_pods_has_no_endpoints()
    {
        await CreateAsync(Manifests.Service());
        var slices = await UntilAllAsync($"{ClusterPath.EndpointSlices(Namespace)}?labelSelector={ServiceName}%3Dshop", all => all.Count == 1, "a slice");
        Assert.That(slices[0].Each("endpoints"), Is.Empty);
        (await DeleteAsync(ClusterPath.Services(Namespace, "shop"))).Is(200);
        await UntilAllAsync(ClusterPath.EndpointSlices(Namespace), all => all.Count == 0, "the slice to go");
    }

    private async Task<JsonObject> ReplicaSetAsync(int replicas)
    {
        var set = Yaml.Parse(Manifests.Deployment(replicas, Manifests.Template("v1")));
        set["kind"] = "ReplicaSet";
        return await CreateAsync(set.ToJsonString());
    }

    private static IEnumerable<JsonNode> Ready(IEnumerable<JsonNode> slices) =>
        slices.SelectMany(slice => slice.Each("endpoints")).Where(endpoint => endpoint.Flag("conditions.ready"));
}
