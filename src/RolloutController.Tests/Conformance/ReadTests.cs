using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Reading objects and lists of them.</summary>
internal sealed class ReadTests : ConformanceTest
{
    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Missing_object_is_told_by_a_Status(Subject subject)
    {
        var refused = (await GetAsync(subject.Path(Namespace, "shop"))).Refuses(404, "NotFound").Object;
        Assert.That(refused.Text("details.name"), Is.EqualTo("shop"));
        Assert.That(refused.Text("details.kind"), Is.EqualTo(subject.Path(Namespace).Split('/')[^1]));
        Assert.That(refused.Text("message"), Does.Match(@"^[a-z.0-9]+ ""shop"" not found$"));
        (await PatchAsync(subject.Path(Namespace, "shop"), subject.Change)).Refuses(404, "NotFound");
        (await DeleteAsync(subject.Path(Namespace, "shop"))).Refuses(404, "NotFound");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task List_names_its_kind_and_its_version_and_sorts_by_name(Subject subject)
    {
        var empty = (await GetAsync(subject.Path(Namespace))).Is(200).Object;
        Assert.That(empty.Each("items"), Is.Empty);
        Assert.That(empty.At("items"), Is.Not.Null, "an empty list is a list");
        foreach (var name in (string[])["b", "c", "a"])
            await CreateAsync(subject, name);

        var list = (await GetAsync(subject.Path(Namespace))).Is(200).Object;
        Assert.That(list.Text("kind"), Is.EqualTo($"{subject.Kind}List"));
        Assert.That(list.Text("apiVersion"), Is.EqualTo(Yaml.Parse(subject.Manifest).Text("apiVersion")));
        Assert.That(list.Each("items").Select(item => item.Name()), Is.EqualTo(["a", "b", "c"]));
        Assert.That(list.Number("metadata.resourceVersion"), Is.GreaterThanOrEqualTo(list.Each("items").Max(item => item.Number("metadata.resourceVersion"))));
        Assert.That(list.Number("metadata.resourceVersion"), Is.GreaterThan(empty.Number("metadata.resourceVersion")));
    }

    [TestCase("app=shop", "one,three")]
    [TestCase("app==shop,track=canary", "three")]
    [TestCase("app!=shop", "none,two")]
    [TestCase("app in (shop, web)", "one,three,two")]
    [TestCase("app notin (shop)", "none,two")]
    [TestCase("track", "three")]
    [TestCase("!track", "none,one,two")]
    [TestCase("app in (shop),!track", "one")]
    [TestCase("example.com/owner=me", "two")]
    [TestCase("track=", "")]
    public async Task Label_selector_chooses(string selector, string names)
    {
        foreach (var (name, labels) in new[] { ("one", "app: shop"), ("two", "app: web, example.com/owner: me"), ("three", "app: shop, track: canary"), ("none", "") })
            (await PostAsync(Subject.ConfigMap.Path(Namespace), Subject.ConfigMap.Written(name, $"{{labels: {{ {labels} }} }}"))).Is(201);

        var list = (await GetAsync($"{Subject.ConfigMap.Path(Namespace)}?labelSelector={Uri.EscapeDataString(selector)}")).Is(200).Object;
        Assert.That(string.Join(',', list.Each("items").Select(item => item.Name())), Is.EqualTo(names));
    }

    [TestCase("app in shop")]
    [TestCase("a=b=c")]
    [TestCase("=")]
    public async Task Selector_that_is_none_is_refused(string selector) =>
        (await GetAsync($"{Subject.ConfigMap.Path(Namespace)}?labelSelector={Uri.EscapeDataString(selector)}")).Refuses(400, "BadRequest");

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Field_selector_chooses_by_name(Subject subject)
    {
        foreach (var name in (string[])["a", "b"])
            await CreateAsync(subject, name);
        Assert.That(await NamesAsync("metadata.name=a"), Is.EqualTo(["a"]));
        Assert.That(await NamesAsync("metadata.name!=a"), Is.EqualTo(["b"]));
        Assert.That(await NamesAsync($"metadata.namespace={Namespace}"), Is.EqualTo(["a", "b"]));
        (await GetAsync($"{subject.Path(Namespace)}?fieldSelector=spec.noSuchField%3Da")).Is(400);

        async Task<IEnumerable<string>> NamesAsync(string selector) =>
            (await GetAsync($"{subject.Path(Namespace)}?fieldSelector={Uri.EscapeDataString(selector)}")).Is(200).Object.Each("items").Select(item => item.Name());
    }

    [Test]
    public async Task Field_selector_chooses_pods_by_phase_and_node()
    {
        await CreateAsync(Subject.Pod, "waiting");
        await CreateAsync(Subject.Pod, "done");
        (await PatchAsync($"{Subject.Pod.Path(Namespace, "done")}/status", "{status: {phase: Succeeded} }")).Is(200);
        var list = (await GetAsync($"{Subject.Pod.Path(Namespace)}?fieldSelector=status.phase%3DPending,spec.nodeName%3D")).Is(200).Object;
        Assert.That(list.Each("items").Select(item => item.Name()), Is.EqualTo(["waiting"]));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Pages_of_a_list_are_of_one_version(Subject subject)
    {
        foreach (var name in (string[])["a", "b", "c", "d", "e"])
            await CreateAsync(subject, name);
        var first = (await GetAsync($"{subject.Path(Namespace)}?limit=2")).Is(200).Object;
        await CreateAsync(subject, "bb");
        var second = (await GetAsync($"{subject.Path(Namespace)}?limit=2&continue={first.Text("metadata.continue")}")).Is(200).Object;
        var third = (await GetAsync($"{subject.Path(Namespace)}?limit=2&continue={second.Text("metadata.continue")}")).Is(200).Object;

        Assert.That(first.Number("metadata.remainingItemCount"), Is.EqualTo(3));
        Assert.That(first.Each("items").Select(item => item.Name()), Is.EqualTo(["a", "b"]));
        Assert.That(second.Each("items").Select(item => item.Name()), Is.EqualTo(["c", "d"]));
        Assert.That(third.Each("items").Select(item => item.Name()), Is.EqualTo(["e"]));
        Assert.That(third.Text("metadata.continue") ?? "", Is.Empty);
        Assert.That(second.Text("metadata.resourceVersion"), Is.EqualTo(first.Text("metadata.resourceVersion")));
        Assert.That(third.Text("metadata.resourceVersion"), Is.EqualTo(first.Text("metadata.resourceVersion")));
        (await GetAsync($"{subject.Path(Namespace)}?limit=2&continue=nonsense")).Refuses(400, "BadRequest");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Version_of_the_future_is_not_there_yet(Subject subject)
    {
        var refused = (await GetAsync($"{subject.Path(Namespace)}?resourceVersion=99999999")).Refuses(504, "Timeout").Object;
        Assert.That(refused.Each("details.causes").Select(cause => cause.Text("reason")), Has.Member("ResourceVersionTooLarge"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Any_version_is_good_enough_for_zero(Subject subject)
    {
        await CreateAsync(subject);
        (await GetAsync($"{subject.Path(Namespace)}?resourceVersion=0")).Is(200);
    }

    [TestCase("/apis/example.com/v1/things")]
    [TestCase("/apis/apps/v1/namespaces/default/no-such-kinds")]
    [TestCase("/apis/apps/v9/deployments")]
    [TestCase("/apis/rollouts.dev/v1alpha1/no-such-kinds")]
    [TestCase("/api/v1/namespaces/default/no-such-kinds/shop")]
    public async Task Unknown_path_is_not_found(string path) => (await GetAsync(path)).Is(404);

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Unknown_subresource_is_not_found(Subject subject)
    {
        await CreateAsync(subject);
        (await GetAsync($"{subject.Path(Namespace, "shop")}/no-such-part")).Is(404);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Collection_of_all_namespaces_holds_those_of_each(Subject subject)
    {
        await CreateAsync(subject);
        var everywhere = subject.Path(Namespace).Replace($"/namespaces/{Namespace}", "", StringComparison.Ordinal);
        var list = (await GetAsync($"{everywhere}?fieldSelector=metadata.namespace%3D{Namespace}")).Is(200).Object;
        Assert.That(list.Each("items").Select(item => item.Name()), Is.EqualTo(["shop"]));
    }
}
