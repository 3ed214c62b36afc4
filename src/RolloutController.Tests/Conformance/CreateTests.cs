using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Creating objects.</summary>
internal sealed class CreateTests : ConformanceTest
{
    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task New_object_gets_what_the_API_gives(Subject subject)
    {
        var made = await CreateAsync(subject);

        Assert.That(made.Text("kind"), Is.EqualTo(subject.Kind));
        Assert.That(made.Text("metadata.namespace"), Is.EqualTo(Namespace));
        Assert.That(Guid.TryParse(made.Uid(), out _), Is.True, made.Uid());
        Assert.That(made.Text("metadata.creationTimestamp"), Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"));
        Assert.That(made.Number("metadata.resourceVersion"), Is.Positive);
        if (subject.CountsGenerations)
            Assert.That(made.Number("metadata.generation"), Is.EqualTo(1));
        var read = (await GetAsync(subject.Path(Namespace, "shop"))).Is(200).Object;
        Assert.That(JsonNode.DeepEquals(read, made), Is.True, $"{read}\n{made}");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Name_is_taken_once(Subject subject)
    {
        await CreateAsync(subject);
        var refused = (await PostAsync(subject.Path(Namespace), subject.Written("shop"))).Refuses(409, "AlreadyExists");
        Assert.That(refused.Object.Text("message"), Does.EndWith("\"shop\" already exists"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Generated_names_start_as_asked_and_differ(Subject subject)
    {
        var manifest = subject.Written("", "{generateName: shop-}");
        var first = (await PostAsync(subject.Path(Namespace), manifest)).Is(201).Object;
        var second = (await PostAsync(subject.Path(Namespace), manifest)).Is(201).Object;

        Assert.That(first.Name(), Does.Match("^shop-[a-z0-9]{5}$"));
        Assert.That(second.Name(), Is.Not.EqualTo(first.Name()));
        Assert.That(first.Text("metadata.generateName"), Is.EqualTo("shop-"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Name_has_to_be_there_and_to_be_one(Subject subject)
    {
        (await PostAsync(subject.Path(Namespace), subject.Written(""))).Refuses(422, "Invalid");
        var refused = (await PostAsync(subject.Path(Namespace), subject.Written("Shop_1"))).Refuses(422, "Invalid").Object;
        Assert.That(refused.Each("details.causes").Select(cause => cause.Text("field")), Has.Member("metadata.name"));
        Assert.That(refused.Text("details.kind"), Is.EqualTo(subject.Kind));
        Assert.That(refused.Text("details.name"), Is.EqualTo("Shop_1"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Namespace_has_to_be_there_and_to_be_that_of_the_path(Subject subject)
    {
        var refused = (await PostAsync(subject.Path("no-such-namespace"), subject.Written("shop"))).Refuses(404, "NotFound");
        Assert.That(refused.Object.Text("message"), Does.Contain("namespaces \"no-such-namespace\" not found"));
        (await PostAsync(subject.Path(Namespace), subject.Written("shop", "{namespace: default}"))).Refuses(400, "BadRequest");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task New_object_has_no_resourceVersion(Subject subject)
    {
        var refused = (await PostAsync(subject.Path(Namespace), subject.Written("shop", "{resourceVersion: \"1\"}"))).Is(500).Object;
        Assert.That(refused.Text("message"), Is.EqualTo("resourceVersion should not be set on objects to be created"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task What_only_the_API_writes_is_not_taken_from_the_client(Subject subject)
    {
        var manifest = subject.Written("shop", "{uid: 11111111-1111-1111-1111-111111111111, creationTimestamp: \"2001-01-01T00:00:00Z\", generation: 7, deletionTimestamp: \"2001-01-01T00:00:00Z\"}");
        var made = (await PostAsync(subject.Path(Namespace), manifest)).Is(201).Object;
        Assert.That(made.Uid(), Is.Not.EqualTo("11111111-1111-1111-1111-111111111111"));
        Assert.That(made.Text("metadata.creationTimestamp"), Does.Not.StartWith("2001"));
        Assert.That(made.Text("metadata.deletionTimestamp"), Is.Null);
        if (subject.CountsGenerations)
            Assert.That(made.Number("metadata.generation"), Is.EqualTo(1));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Dry_run_answers_as_if_and_stores_nothing(Subject subject)
    {
        var made = (await PostAsync($"{subject.Path(Namespace)}?dryRun=All", subject.Written("shop"))).Is(201).Object;
        Assert.That(made.Uid(), Is.Not.Empty);
        (await GetAsync(subject.Path(Namespace, "shop"))).Refuses(404, "NotFound");
        (await PostAsync($"{subject.Path(Namespace)}?dryRun=All", subject.Written("Shop_1"))).Refuses(422, "Invalid");
    }

    [Test]
    public async Task Dry_run_shows_defaults()
    {
        var deployment = $"{Manifests.Deployment(0, Manifests.Template("v1"))}";
        var made = (await PostAsync($"{ClusterPath.Deployments(Namespace)}?dryRun=All", deployment)).Is(201).Object;
        Assert.That(made.Number("spec.progressDeadlineSeconds"), Is.EqualTo(600));
        Assert.That(made.Text("spec.template.spec.restartPolicy"), Is.EqualTo("Always"));
        made = (await PostAsync($"{ClusterPath.Rollouts(Namespace)}?dryRun=All", Subject.Rollout.Written("shop"))).Is(201).Object;
        Assert.That(made.Each("spec.steps").Select(step => step.Number("weight")), Is.EqualTo([5, 25, 50, 100]));
        Assert.That(made.Text("spec.progressDeadline"), Is.EqualTo("10m"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.WithStatus))]
    public async Task Status_is_not_taken_from_the_one_who_creates(Subject subject)
    {
        var manifest = Yaml.Parse(subject.Written("shop"));
        manifest["status"] = Yaml.Parse(subject.Status!)["status"]!.DeepClone();
        var made = (await PostAsync(subject.Path(Namespace), manifest.ToJsonString())).Is(201).Object;
        Assert.That(made.Text(subject.Reported), Is.Null);
    }

    [Test]
    public async Task Nothing_is_created_in_a_namespace_that_is_to_go()
    {
        var name = $"{Namespace}-ending";
        await CreateAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
        var held = Subject.ConfigMap.Path(name, "held");
        (await PostAsync(Subject.ConfigMap.Path(name), Subject.ConfigMap.Written("held", "{finalizers: [example.com/hold]}"))).Is(201);
        var going = (await DeleteAsync(ClusterPath.Namespace(name))).Is(200).Object;
        Assert.That(going.Text("status.phase"), Is.EqualTo("Terminating"));

        var refused = (await PostAsync(Subject.ConfigMap.Path(name), Subject.ConfigMap.Written("late"))).Refuses(403, "Forbidden");
        Assert.That(refused.Object.Text("message"), Does.Contain("because it is being terminated"));
        Assert.That(refused.Object.Each("details.causes").Select(cause => cause.Text("reason")), Has.Member("NamespaceTerminating"));

        (await PatchAsync(held, "{metadata: {finalizers: null} }")).Is(200);
        await WaitFor.GoneAsync(Api, ClusterPath.Namespace(name), TimeSpan.FromSeconds(60), Cancellation);
    }
}
