using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>How clients learn what is served.</summary>
internal sealed class DiscoveryTests : ConformanceTest
{
    [Test]
    public async Task Groups_and_their_versions_are_listed()
    {
        Assert.That((await GetAsync("/api")).Is(200).Object.Each("versions").Select(version => version.ToString()), Is.EqualTo(["v1"]));
        var list = (await GetAsync("/apis")).Is(200).Object;
        Assert.That(list.Text("kind"), Is.EqualTo("APIGroupList"));
        var groups = list.Each("groups").ToDictionary(group => group.Text("name")!);
        foreach (var (group, version) in new[] { ("apps", "v1"), ("rollouts.dev", "v1alpha1"), ("gateway.networking.k8s.io", "v1"), ("coordination.k8s.io", "v1"), ("events.k8s.io", "v1") })
        {
            Assert.That(groups[group].Each("versions").Select(item => item.Text("groupVersion")), Has.Member($"{group}/{version}"));
            Assert.That(groups[group].Text("preferredVersion.groupVersion"), Does.StartWith($"{group}/"));
            var alone = (await GetAsync($"/apis/{group}")).Is(200).Object;
            Assert.That(alone.Text("kind"), Is.EqualTo("APIGroup"));
            Assert.That(alone.Text("name"), Is.EqualTo(group));
        }
        (await GetAsync("/apis/no-such-group.example.com")).Is(404);
    }

    [TestCase("/api/v1", "pods", "Pod", "pods/status")]
    [TestCase("/api/v1", "services", "Service", "services/status")]
    [TestCase("/apis/apps/v1", "replicasets", "ReplicaSet", "replicasets/scale")]
    [TestCase("/apis/apps/v1", "deployments", "Deployment", "deployments/scale")]
    [TestCase("/apis/rollouts.dev/v1alpha1", "rollouts", "Rollout", "rollouts/status")]
    [TestCase("/apis/rollouts.dev/v1alpha1", "rollouts", "Rollout", "rollouts/scale")]
    [TestCase("/apis/gateway.networking.k8s.io/v1", "httproutes", "HTTPRoute", "httproutes/status")]
    public async Task Kinds_of_a_version_are_listed(string path, string plural, string kind, string part)
    {
        var list = (await GetAsync(path)).Is(200).Object;
        Assert.That(list.Text("kind"), Is.EqualTo("APIResourceList"));
        Assert.That(path, Does.EndWith(list.Text("groupVersion")!));
        var served = list.Each("resources").Single(resource => resource.Text("name") == plural);
        Assert.That(served.Text("kind"), Is.EqualTo(kind));
        Assert.That(served.Flag("namespaced"), Is.True);
        Assert.That(served.Each("verbs").Select(verb => verb.ToString()), Is.SupersetOf(["create", "delete", "get", "list", "patch", "update", "watch"]));
        Assert.That(list.Each("resources").Select(resource => resource.Text("name")), Has.Member(part));
    }

    [Test]
    public async Task Short_names_are_told()
    {
        var list = (await GetAsync("/apis/rollouts.dev/v1alpha1")).Is(200).Object;
        var rollouts = list.Each("resources").Single(resource => resource.Text("name") == "rollouts");
        Assert.That(rollouts.Text("singularName"), Is.EqualTo("rollout"));
        Assert.That(rollouts.Each("shortNames").Select(name => name.ToString()), Is.EqualTo(["rol"]));
    }

    [TestCase("/apis/apps/v9")]
    [TestCase("/apis/rollouts.dev/v9")]
    [TestCase("/api/v9")]
    public async Task Version_that_is_not_served_is_not_found(string path) => (await GetAsync(path)).Is(404);

    [Test]
    public async Task Version_and_health_are_told()
    {
        var version = (await GetAsync("/version")).Is(200).Object;
        Assert.That(version.Text("gitVersion"), Does.StartWith("v1."));
        Assert.That((await GetAsync("/readyz")).Is(200).Body, Is.EqualTo("ok"));
    }
}
