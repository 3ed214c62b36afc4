using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Server-side apply.</summary>
internal sealed class ApplyTests : ConformanceTest
{
    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Apply_creates_and_then_changes(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        var made = (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(201);
        Assert.That(made.Object.Each("metadata.managedFields").Select(entry => $"{entry.Text("manager")} {entry.Text("operation")}"), Is.EqualTo(["one Apply"]));
        var same = (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(200);
        Assert.That(same.Version, Is.EqualTo(made.Version), "the same again writes nothing");
        var changed = (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"2\"} }"))).Is(200).Object;
        Assert.That(changed.Label("a"), Is.EqualTo("2"));
        Assert.That(changed.Uid(), Is.EqualTo(made.Object.Uid()));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Field_that_its_manager_leaves_out_goes(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\", b: \"1\"} }"))).Is(201);
        (await ApplyAsAsync("two", path, Sparse(subject, "{labels: {c: \"1\", b: \"1\"} }"))).Is(200);

        var left = (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(200).Object;
        Assert.That(left.At("metadata.labels")!.AsObject().Select(label => label.Key), Is.EquivalentTo(["a", "b", "c"]), "another manager wants it too");
        left = (await ApplyAsAsync("two", path, Sparse(subject, "{labels: {c: \"1\"} }"))).Is(200).Object;
        Assert.That(left.At("metadata.labels")!.AsObject().Select(label => label.Key), Is.EquivalentTo(["a", "c"]), "now nobody does");
        left = (await ApplyAsAsync("one", path, subject.Written("shop"))).Is(200).Object;
        Assert.That(left.At("metadata.labels")!.AsObject().Select(label => label.Key), Is.EqualTo(["c"]));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Field_of_another_manager_is_taken_by_force_alone(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(201);
        var refused = (await ApplyAsAsync("two", path, Sparse(subject, "{labels: {a: \"2\"} }"))).Refuses(409, "Conflict").Object;
        Assert.That(refused.Text("details.causes.0.reason"), Is.EqualTo("FieldManagerConflict"));
        Assert.That(refused.Text("details.causes.0.field"), Is.EqualTo(".metadata.labels.a"));
        Assert.That(refused.Text("details.causes.0.message"), Does.Contain("\"one\""));
        Assert.That((await GetAsync(path)).Object.Label("a"), Is.EqualTo("1"));

        var taken = (await ApplyAsAsync("two", path, Sparse(subject, "{labels: {a: \"2\"} }"), force: true)).Is(200).Object;
        Assert.That(taken.Label("a"), Is.EqualTo("2"));
        var left = (await ApplyAsAsync("one", path, subject.Written("shop"))).Is(200).Object;
        Assert.That(left.Label("a"), Is.EqualTo("2"), "it is no longer the first manager's to remove");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Managers_that_agree_share_a_field(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(201);
        (await ApplyAsAsync("two", path, Sparse(subject, "{labels: {a: \"1\"} }"))).Is(200);
        (await ApplyAsAsync("two", path, Sparse(subject, "{labels: {a: \"2\"} }"))).Refuses(409, "Conflict");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Field_that_a_patch_changed_belongs_to_the_one_who_patched(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(201);
        (await PatchAsync($"{path}?fieldManager=two", "{metadata: {labels: {a: \"2\"} } }")).Is(200);
        (await ApplyAsAsync("one", path, subject.Written("shop", "{labels: {a: \"1\"} }"))).Refuses(409, "Conflict");
        var left = (await ApplyAsAsync("one", path, subject.Written("shop"))).Is(200).Object;
        Assert.That(left.Label("a"), Is.EqualTo("2"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Field_that_somebody_created_conflicts(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await PostAsync($"{subject.Path(Namespace)}?fieldManager=maker", subject.Written("shop", "{labels: {a: \"1\"} }"))).Is(201);
        var refused = (await ApplyAsAsync("one", path, Sparse(subject, "{labels: {a: \"2\"} }"))).Refuses(409, "Conflict").Object;
        Assert.That(refused.Text("details.causes.0.message"), Does.Contain("\"maker\""));
        var taken = (await ApplyAsAsync("one", path, Sparse(subject, "{labels: {a: \"2\"} }"), force: true)).Is(200).Object;
        Assert.That(taken.Label("a"), Is.EqualTo("2"));
    }

    [Test]
    public async Task Lists_are_merged_by_their_keys()
    {
        var path = ClusterPath.Services(Namespace, "shop");
        (await ApplyAsAsync("one", path, "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{name: http, port: 80, protocol: TCP}] } }")).Is(201);
        (await ApplyAsAsync("two", path, "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{name: metrics, port: 90, protocol: TCP}] } }")).Is(200);
        Assert.That(await PortsAsync(), Is.EquivalentTo(["http 80", "metrics 90"]));
        (await ApplyAsAsync("one", path, "{apiVersion: v1, kind: Service, metadata: {name: shop}, spec: {ports: [{name: web, port: 81, protocol: TCP}] } }")).Is(200);
        Assert.That(await PortsAsync(), Is.EquivalentTo(["metrics 90", "web 81"]));

        async Task<IEnumerable<string>> PortsAsync() =>
            (await GetAsync(path)).Object.Each("spec.ports").Select(port => $"{port.Text("name")} {port.Text("port")}");
    }

    [Test]
    public async Task Lists_of_custom_resources_are_merged_by_their_keys()
    {
        var path = Subject.Rollout.Path(Namespace, "shop");
        (await PostAsync(Subject.Rollout.Path(Namespace), Subject.Rollout.Written("shop"))).Is(201);
        (await ApplyAsAsync("one", $"{path}/status", Conditions("Progressing"))).Is(200);
        (await ApplyAsAsync("two", $"{path}/status", Conditions("Ready"))).Is(200);
        Assert.That(await TypesAsync(), Is.EquivalentTo(["Progressing", "Ready"]));
        (await ApplyAsAsync("one", $"{path}/status", Conditions("Available"))).Is(200);
        Assert.That(await TypesAsync(), Is.EquivalentTo(["Available", "Ready"]));

        async Task<IEnumerable<string?>> TypesAsync() => (await GetAsync(path)).Object.Each("status.conditions").Select(condition => condition.Text("type"));

        static string Conditions(string type) =>
            $"{{apiVersion: rollouts.dev/v1alpha1, kind: Rollout, metadata: {{name: shop}}, status: {{conditions: [{{type: {type}, status: \"True\", reason: A, message: a, lastTransitionTime: \"2026-01-01T00:00:00Z\"}}] }} }}";
    }

    [Test]
    public async Task Atomic_lists_belong_to_one_manager()
    {
        var path = Subject.Rollout.Path(Namespace, "shop");
        (await ApplyAsAsync("one", path, WithSteps("{weight: 10}, {weight: 100}"))).Is(201);
        (await ApplyAsAsync("two", path, Sparse(Subject.Rollout, "{}", "steps: [{weight: 20}, {weight: 100}]"))).Refuses(409, "Conflict");
        var taken = (await ApplyAsAsync("two", path, Sparse(Subject.Rollout, "{}", "steps: [{weight: 100}]"), force: true)).Is(200).Object;
        Assert.That(taken.Each("spec.steps").Select(step => step.Number("weight")), Is.EqualTo([100]));
        (await ApplyAsAsync("one", path, WithSteps("{weight: 10}, {weight: 100}"))).Refuses(409, "Conflict");
        var left = (await ApplyAsAsync("one", path, Subject.Rollout.Written("shop"))).Is(200).Object;
        Assert.That(left.Each("spec.steps").Count(), Is.EqualTo(1), "the other manager's stay");
        var defaulted = (await ApplyAsAsync("two", path, Sparse(Subject.Rollout, "{}"))).Is(200).Object;
        Assert.That(defaulted.Each("spec.steps").Count(), Is.EqualTo(4), "nobody's are defaulted");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.WithStatus))]
    public async Task Status_is_applied_to_its_subresource_alone(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await ApplyAsAsync("one", path, subject.Written("shop"))).Is(201);
        var report = Yaml.Parse(Sparse(subject, "{labels: {a: \"1\"} }"));
        report["status"] = Yaml.Parse(subject.Status!)["status"]!.DeepClone();
        var written = (await ApplyAsAsync("two", $"{path}/status", report.ToJsonString())).Is(200).Object;
        Assert.That(written.Text(subject.Reported), Is.Not.Null.And.Not.Empty);
        (await ApplyAsAsync("one", path, subject.Written("shop", "{annotations: {a: b} }"))).Is(200);
        Assert.That((await GetAsync(path)).Object.Text(subject.Reported), Is.EqualTo(written.Text(subject.Reported)));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Manager_has_to_be_named(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await AskAsync(HttpMethod.Patch, path, subject.Written("shop"), "application/apply-patch+yaml")).Is(422);
        (await ApplyAsAsync("one", path, subject.Written("other"))).Is(400);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Dry_run_of_apply_stores_nothing(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        (await AskAsync(HttpMethod.Patch, $"{path}?fieldManager=one&dryRun=All", subject.Written("shop"), "application/apply-patch+yaml")).Is(201);
        (await GetAsync(path)).Is(404);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Apply_to_another_object_of_that_name_is_refused(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        var uid = "{uid: 11111111-1111-1111-1111-111111111111}";
        (await ApplyAsAsync("one", path, subject.Written("shop", uid))).Refuses(409, "Conflict");
        (await GetAsync(path)).Is(404);
        await CreateAsync(subject);
        (await ApplyAsAsync("one", path, subject.Written("shop", uid), force: true)).Refuses(422, "Invalid");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Unknown_field_cannot_be_applied(Subject subject)
    {
        var path = subject.Path(Namespace, "shop");
        var manifest = Yaml.Parse(subject.Written("shop"));
        manifest["invented"] = true;
        var refused = (await ApplyAsAsync("one", path, manifest.ToJsonString())).Is(500).Object;
        Assert.That(refused.Text("message"), Does.StartWith("failed to create typed patch object").And.EndWith(".invented: field not declared in schema"));
        (await GetAsync(path)).Is(404);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.Custom))]
    public async Task Status_of_nothing_cannot_be_applied(Subject subject) =>
        (await ApplyAsAsync("one", $"{subject.Path(Namespace, "shop")}/status", subject.Written("shop"))).Refuses(404, "NotFound");

    /// <summary>An object of a kind with metadata and nothing else, or a little.</summary>
    private static string Sparse(Subject subject, string metadata, string spec = "")
    {
        var manifest = Yaml.Parse(subject.Written("shop", metadata));
        manifest.Remove("data");
        manifest.Remove("spec");
        if (spec.Length > 0)
            manifest["spec"] = Yaml.Parse($"{{ {spec} }}");
        return manifest.ToJsonString();
    }

    private static string WithSteps(string steps)
    {
        var manifest = Yaml.Parse(Subject.Rollout.Written("shop"));
        manifest["spec"]!["steps"] = JsonNode.Parse(Yaml.Parse($"{{steps: [{steps}] }}")["steps"]!.ToJsonString());
        return manifest.ToJsonString();
    }
}
