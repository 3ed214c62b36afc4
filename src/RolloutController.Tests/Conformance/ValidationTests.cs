using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>How custom resources are judged: the schemas themselves have tests of their own.</summary>
internal sealed class ValidationTests : ConformanceTest
{
    [TestCase("{spec: {replicas: -1} }", "spec.replicas", "FieldValueInvalid")]
    [TestCase("{spec: {deletionPolicy: Keep} }", "spec.deletionPolicy", "FieldValueNotSupported")]
    [TestCase("{spec: {paused: \"yes\"} }", "spec.paused", "FieldValueTypeInvalid")]
    [TestCase("{spec: {operation: {id: a, verb: Abort} } }", "spec.operation.revision", "FieldValueRequired")]
    [TestCase("{spec: {steps: [{weight: 5}, {weight: 101}] } }", "spec.steps[1].weight", "FieldValueInvalid")]
    public async Task Wrong_field_is_named_with_its_cause(string patch, string field, string reason)
    {
        var made = await CreateAsync(Subject.Rollout);
        var path = Subject.Rollout.Path(Namespace, "shop");
        var refused = (await PatchAsync(path, patch)).Refuses(422, "Invalid").Object;
        Assert.That(refused.Text("details.name"), Is.EqualTo("shop"));
        Assert.That(refused.Text("details.group"), Is.EqualTo("rollouts.dev"));
        Assert.That(refused.Text("details.kind"), Is.EqualTo("Rollout"));
        Assert.That(refused.Each("details.causes").Select(cause => $"{cause.Text("field")} {cause.Text("reason")}"), Has.Member($"{field} {reason}"));
        Assert.That(refused.Text("message"), Does.StartWith("Rollout.rollouts.dev \"shop\" is invalid: ").And.Contain($"{field}: "));
        Assert.That((await GetAsync(path)).Version, Is.EqualTo(made.Text("metadata.resourceVersion")));
    }

    [Test]
    public async Task Unknown_field_is_dropped_or_refused_as_asked()
    {
        var path = Subject.Rollout.Path(Namespace);
        var manifest = Subject.Rollout.Written("shop").Replace("\"replicas\"", "\"replica\":1,\"replicas\"", StringComparison.Ordinal);
        var refused = (await PostAsync($"{path}?fieldValidation=Strict", manifest)).Refuses(400, "BadRequest").Object;
        Assert.That(refused.Text("message"), Does.Contain("strict decoding error: unknown field \"spec.replica\""));
        var made = (await PostAsync(path, manifest)).Is(201).Object;
        Assert.That(made.At("spec.replica"), Is.Null);

        (await PatchAsync($"{path}/shop?fieldValidation=Strict", "{spec: {replica: 1} }")).Is(422);
        var same = (await PatchAsync($"{path}/shop?fieldValidation=Ignore", "{spec: {replica: 1} }")).Is(200);
        Assert.That(same.Version, Is.EqualTo(made.Text("metadata.resourceVersion")));
    }

    [Test]
    public async Task Pod_template_keeps_what_the_schema_does_not_know()
    {
        var manifest = Yaml.Parse(Subject.Rollout.Written("shop"));
        manifest["spec"]!["template"]!["spec"]!["invented"] = Yaml.Parse("{deep: [1, two, {three: 3}], none: null, exact: 1.50}");
        var made = (await PostAsync($"{Subject.Rollout.Path(Namespace)}?fieldValidation=Strict", manifest.ToJsonString())).Is(201).Object;
        Assert.That(made.At("spec.template.spec.invented.deep")!.ToJsonString(), Is.EqualTo("""[1,"two",{"three":3}]"""));
    }

    [Test]
    public async Task Built_in_kinds_name_wrong_fields_too()
    {
        var refused = (await PostAsync(ClusterPath.Deployments(Namespace), "{apiVersion: apps/v1, kind: Deployment, metadata: {name: shop}, spec: {replicas: -1} }")).Refuses(422, "Invalid").Object;
        Assert.That(refused.Each("details.causes").Select(cause => cause.Text("field")), Is.SupersetOf(["spec.selector", "spec.replicas", "spec.template.spec.containers"]));
        await CreateAsync(Manifests.Deployment(0, Manifests.Template("v1")));
        (await PatchAsync(ClusterPath.Deployments(Namespace, "shop"), "{spec: {selector: {matchLabels: {app: shop, other: one} } } }")).Refuses(422, "Invalid");
    }

    [Test]
    public async Task Type_that_is_wrong_cannot_be_read()
    {
        (await PostAsync(ClusterPath.Deployments(Namespace), Manifests.Deployment(0, Manifests.Template("v1")).Replace("replicas: 0", "replicas: many", StringComparison.Ordinal))).Refuses(400, "BadRequest");
    }
}
