using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>What is particular to ConfigMaps and Secrets.</summary>
internal sealed class ConfigObjectTests : ConformanceTest
{
    [TestCase("ConfigMap", "configmaps", "{data: {color: green} }", "data")]
    [TestCase("ConfigMap", "configmaps", "{data: {size: '1'} }", "data")]
    [TestCase("ConfigMap", "configmaps", "{data: null}", "data")]
    [TestCase("ConfigMap", "configmaps", "{binaryData: {size: MQ==} }", "binaryData")]
    [TestCase("ConfigMap", "configmaps", "{immutable: false}", "immutable")]
    [TestCase("ConfigMap", "configmaps", "{immutable: null}", "immutable")]
    [TestCase("Secret", "secrets", "{data: {color: MQ==} }", "data")]
    [TestCase("Secret", "secrets", "{stringData: {color: green} }", "data")]
    [TestCase("Secret", "secrets", "{immutable: null}", "immutable")]
    public async Task What_is_immutable_stays(string kind, string plural, string patch, string field)
    {
        await CreateAsync($"{{apiVersion: v1, kind: {kind}, metadata: {{name: shop}}, immutable: true, data: {{color: Ymx1ZQ==}} }}");
        var path = $"/api/v1/namespaces/{Namespace}/{plural}/shop";
        var refused = (await PatchAsync(path, patch)).Refuses(422, "Invalid").Object;
        Assert.That(refused.Each("details.causes").Select(cause => (cause.Text("reason"), cause.Text("field"))), Is.EqualTo(new[] { ("FieldValueForbidden", field) }));
        Assert.That(refused.Each("details.causes").Single().Text("message"), Is.EqualTo("Forbidden: field is immutable when `immutable` is set"));

        (await PatchAsync(path, "{metadata: {labels: {a: b} } }")).Is(200);
        (await DeleteAsync(path)).Is(200);
    }

    [Test]
    public async Task What_is_not_immutable_may_become_so()
    {
        await CreateAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: shop}, data: {color: blue} }");
        (await PatchAsync($"/api/v1/namespaces/{Namespace}/configmaps/shop", "{immutable: true, data: {color: green} }")).Is(200);
    }

    [Test]
    public async Task A_secret_keeps_its_type()
    {
        await CreateAsync("{apiVersion: v1, kind: Secret, metadata: {name: shop}, data: {color: Ymx1ZQ==} }");
        var refused = (await PatchAsync($"/api/v1/namespaces/{Namespace}/secrets/shop", "{type: example.com/other}")).Refuses(422, "Invalid").Object;
        Assert.That(refused.Each("details.causes").Select(cause => cause.Text("field")), Is.EqualTo(["type"]));
        Assert.That(refused.Each("details.causes").Single().Text("message"), Is.EqualTo("Invalid value: \"example.com/other\": field is immutable"));
    }

    [Test]
    public async Task A_watch_of_one_name_tells_of_that_object_alone()
    {
        var path = $"/api/v1/namespaces/{Namespace}/configmaps";
        var version = (await GetAsync($"{path}?fieldSelector=metadata.name%3Dshop")).Is(200).Version;
        using var watch = await WatchReading.OpenAsync(Api, $"{path}?fieldSelector=metadata.name%3Dshop", version, Cancellation);
        foreach (var name in (string[])["another", "shop", "shop-2"])
            await CreateAsync(Subject.ConfigMap, name);
        (await DeleteAsync($"{path}/another")).Is(200);
        (await DeleteAsync($"{path}/shop")).Is(200);
        Assert.That(await watch.NextAsync(2, Cancellation), Is.EqualTo(["ADDED shop", "DELETED shop"]));
    }
}
