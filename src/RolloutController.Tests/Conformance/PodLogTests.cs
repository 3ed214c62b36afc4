using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What is asked of the log of a pod before anybody asks its kubelet.</summary>
internal sealed class PodLogTests : ConformanceTest
{
    [Test]
    public async Task Pod_that_no_node_has_taken_has_written_nothing()
    {
        await CreateAsync(Subject.Pod);
        Assert.That((await GetAsync(Log("shop"))).Is(204).Body, Is.Empty);
        (await GetAsync($"{Log("shop")}?container=app&tailLines=10&limitBytes=1000")).Is(204);
    }

    [Test]
    public async Task Log_of_no_pod_is_not_found() => (await GetAsync(Log("none"))).Refuses(404, "NotFound");

    [Test]
    public async Task Container_has_to_be_one_of_the_pod()
    {
        await CreateAsync("{apiVersion: v1, kind: Pod, metadata: {name: two}, spec: {containers: [{name: app, image: example/shop}, {name: proxy, image: example/proxy}] } }");
        Assert.That((await GetAsync(Log("two"))).Refuses(400, "BadRequest").Object.Text("message"), Does.StartWith("a container name must be specified for pod two, choose one of: [app proxy]"));
        Assert.That((await GetAsync($"{Log("two")}?container=other")).Refuses(400, "BadRequest").Object.Text("message"), Is.EqualTo("container other is not valid for pod two"));
        (await GetAsync($"{Log("two")}?container=proxy")).Is(204);
    }

    [TestCase("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0")]
    [TestCase("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0")]
    public async Task Numbers_have_to_make_sense(string query, string message)
    {
        await CreateAsync(Subject.Pod);
        Assert.That((await GetAsync($"{Log("shop")}?{query}")).Refuses(422, "Invalid").Object.Text("message"), Is.EqualTo($"PodLogOptions \"shop\" is invalid: {message}"));
        (await GetAsync($"{Log("shop")}?tailLines=many")).Refuses(400, "BadRequest");
    }

    private string Log(string pod) => $"{ClusterPath.Pods(Namespace, pod)}/log";
}
