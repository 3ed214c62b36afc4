using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What is said of versions that are forgotten: etcd forgets after minutes, so only the embedded cluster is asked.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class CompactionTests
{
    private const string Path = "/api/v1/namespaces/default/configmaps";

    private readonly EmbeddedCluster _cluster = new(TimeProvider.System, new Random(1));

    [Test]
    public async Task Watch_from_a_forgotten_version_ends_with_an_error()
    {
        using var http = new HttpClient(new ApiHandler(new ApiServer(_cluster))) { BaseAddress = new Uri("http://cluster") };
        var version = await VersionAsync(http);
        Make("a");
        _cluster.Compact();
        Make("b");

        var lines = (await http.GetStringAsync($"{Path}?watch=true&resourceVersion={version}")).Trim().Split('\n');
        var error = JsonNode.Parse(lines.Single());
        Assert.That(error.Text("type"), Is.EqualTo("ERROR"));
        Assert.That(error.Number("object.code"), Is.EqualTo(410));
        Assert.That(error.Text("object.reason"), Is.EqualTo("Expired"));
        Assert.That(error.Text("object.kind"), Is.EqualTo("Status"));
    }

    [Test]
    public async Task Watch_from_the_version_of_the_compaction_goes_on()
    {
        using var http = new HttpClient(new ApiHandler(new ApiServer(_cluster))) { BaseAddress = new Uri("http://cluster") };
        Make("a");
        _cluster.Compact();
        var version = await VersionAsync(http);
        Make("b");
        using var reader = new StreamReader(await http.GetStreamAsync($"{Path}?watch=true&resourceVersion={version}"));
        Assert.That(JsonNode.Parse((await reader.ReadLineAsync())!).Text("object.metadata.name"), Is.EqualTo("b"));
    }

    [Test]
    public async Task Next_page_of_a_forgotten_version_is_refused()
    {
        using var http = new HttpClient(new ApiHandler(new ApiServer(_cluster))) { BaseAddress = new Uri("http://cluster") };
        Make("a");
        Make("b");
        var first = JsonNode.Parse(await http.GetStringAsync($"{Path}?limit=1"));
        Make("c");
        _cluster.Compact();
        using var second = await http.GetAsync($"{Path}?limit=1&continue={first.Text("metadata.continue")}");
        Assert.That((int)second.StatusCode, Is.EqualTo(410));
        Assert.That(JsonNode.Parse(await second.Content.ReadAsStringAsync()).Text("reason"), Is.EqualTo("Expired"));
    }

    private void Make(string name) => _cluster.Create("configmaps", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
    });

    private static async Task<string> VersionAsync(HttpClient http) => JsonNode.Parse(await http.GetStringAsync(Path)).Text("metadata.resourceVersion")!;
}
