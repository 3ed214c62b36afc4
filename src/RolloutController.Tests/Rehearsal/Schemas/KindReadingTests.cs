using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.BuiltIn;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>How built-in kinds are read, in the words of an API server of Kubernetes 1.34; no value is ever repeated.</summary>
internal sealed class KindReadingTests
{
    private static readonly ResourceTable Resources = new();

    private static readonly IResourceRules ReplicaSets = Rules("apps/v1", "ReplicaSet");

    [Test]
    public void Unknown_fields_go_and_are_named()
    {
        var set = Set("""{"containers": [{"name": "c", "image": "i", "imagePullPolcy": "Never", "env": [{"nam": "A"}]}], "foo": {"bar": 1}}""");
        set["metadata"]!["lables"] = new JsonObject();
        Assert.That(ReplicaSets.Prune(set), Is.EqualTo([
            "metadata.lables", "spec.template.spec.containers[0].env[0].nam", "spec.template.spec.containers[0].imagePullPolcy", "spec.template.spec.foo",
        ]));
        Assert.That(set["spec"]!["template"]!["spec"]!.ToJsonString(), Does.Not.Contain("foo").And.Not.Contain("Polcy"));
    }

    [TestCase("""{"containers": "none"}""", "cannot unmarshal string into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [TestCase("""{"containers": [{"env": [{"name": "A", "value": 8080}]}]}""", "cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string")]
    [TestCase("""{"containers": [{"env": [{"name": "A", "value": {"inline": "secret"}}]}]}""", "cannot unmarshal object into Go struct field EnvVar.spec.template.spec.containers.env.value of type string")]
    [TestCase("""{"containers": [{"ports": [{"containerPort": "secret"}]}]}""", "cannot unmarshal string into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32")]
    [TestCase("""{"containers": [{"ports": [{"containerPort": 80.5}]}]}""", "cannot unmarshal number 80.5 into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32")]
    [TestCase("""{"restartPolicy": 5}""", "cannot unmarshal number into Go struct field PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy")]
    [TestCase("""{"hostNetwork": "secret"}""", "cannot unmarshal string into Go struct field PodSpec.spec.template.spec.hostNetwork of type bool")]
    [TestCase("""{"nodeSelector": {"a": 5}}""", "cannot unmarshal number into Go struct field PodSpec.spec.template.spec.nodeSelector of type string")]
    [TestCase("""{"containers": [{"resources": {"limits": {"cpu": "secret"}}}]}""", "quantities must match the regular expression")]
    [TestCase("""{"containers": [{"readinessProbe": {"tcpSocket": {"port": true}}}]}""", "cannot unmarshal bool into Go value of type int32")]
    public void Wrong_type_is_refused(string spec, string problem)
    {
        var failure = Assert.Throws<ApiFailure>(() => ReplicaSets.Prune(Set(spec)));
        Assert.That(failure!.Message, Does.StartWith("ReplicaSet in version \"v1\" cannot be handled as a ReplicaSet: ").And.Contain(problem));
        Assert.That(failure.Message, Does.Not.Contain("secret"));
    }

    [Test]
    public void What_says_nothing_is_not_written()
    {
        var set = Set("""{"hostNetwork": false, "volumes": [], "nodeSelector": {}, "tolerations": null, "containers": [{"name": "", "command": [], "workingDir": "", "securityContext": {}}]}""");
        ReplicaSets.Prune(set);
        Assert.That(set["spec"]!["template"]!["spec"]!.ToJsonString(), Is.EqualTo("""{"containers":[{"name":"","securityContext":{},"resources":{}}]}"""));
    }

    [Test]
    public void The_same_template_with_or_without_its_defaults_is_the_same()
    {
        var brief = Set("""{"containers": [{"name": "c", "image": "i:1", "resources": {"requests": {"cpu": 0.5}}}]}""");
        var full = Set("""
            {"restartPolicy": "Always", "hostPID": false, "dnsPolicy": "ClusterFirst", "securityContext": {}, "terminationGracePeriodSeconds": 30,
             "containers": [{"name": "c", "image": "i:1", "imagePullPolicy": "IfNotPresent", "env": [], "resources": {"requests": {"cpu": "500m"}}}]}
            """);
        foreach (var set in new[] { brief, full })
        {
            ReplicaSets.Prune(set);
            ReplicaSets.Default(set);
        }

        Assert.That(JsonNode.DeepEquals(brief, full), $"{brief.ToJsonString()}\n{full.ToJsonString()}");
    }

    [Test]
    public void Fields_are_in_the_order_of_their_type_and_keys_in_that_of_their_names()
    {
        var set = Set("""{"containers": [{"image": "i:1", "name": "c"}], "nodeSelector": {"b": "1", "a": "2"}}""");
        ReplicaSets.Prune(set);
        ReplicaSets.Default(set);
        Assert.That(set["spec"]!["template"]!["spec"]!["containers"]!.ToJsonString(), Does.StartWith("""[{"name":"c","image":"i:1","resources":{},"terminationMessagePath":"""));
        Assert.That(set["spec"]!["template"]!["spec"]!.ToJsonString(), Does.Contain("\"nodeSelector\":{\"a\":\"2\",\"b\":\"1\"}"));
    }

    [TestCase("apps/v1", "ReplicaSet", "spec.template.spec.containers", "name", "name")]
    [TestCase("apps/v1", "Deployment", "spec.template.spec.containers.ports", "containerPort,protocol", "containerPort")]
    [TestCase("apps/v1", "Deployment", "spec.template.spec.containers.env", "name", "name")]
    [TestCase("apps/v1", "Deployment", "spec.template.spec.containers.volumeMounts", "mountPath", "mountPath")]
    [TestCase("apps/v1", "Deployment", "spec.template.spec.volumes", "name", "name")]
    [TestCase("apps/v1", "Deployment", "spec.template.spec.tolerations", null, null)]
    [TestCase("apps/v1", "Deployment", "spec.template.spec.containers.command", null, null)]
    [TestCase("apps/v1", "Deployment", "status.conditions", "type", "type")]
    [TestCase("v1", "Service", "spec.ports", "port,protocol", "port")]
    [TestCase("v1", "Pod", "metadata.ownerReferences", "uid", "uid")]
    [TestCase("v1", "Pod", "metadata.finalizers", "", "")]
    public void Lists_merge_by_their_keys(string apiVersion, string kind, string path, string? keys, string? patchKey)
    {
        var merge = Rules(apiVersion, kind).Merge;
        var names = path.Split('.');
        Assert.That(merge.Of(names) switch { ListMerge.Map map => string.Join(',', map.Keys), ListMerge.Set => "", _ => null }, Is.EqualTo(keys));
        Assert.That(merge.PatchKey(names), Is.EqualTo(patchKey));
    }

    [Test]
    public void Selectors_are_replaced_as_a_whole()
    {
        Assert.That(Rules("apps/v1", "Deployment").Merge.IsAtomic(["spec", "selector"]));
        Assert.That(Rules("v1", "Service").Merge.IsAtomic(["spec", "selector"]));
        Assert.That(Rules("v1", "Service").Merge.IsAtomic(["metadata", "labels"]), Is.False);
    }

    private static IResourceRules Rules(string apiVersion, string kind) => BuiltInRules.Of(Resources.OfKind(apiVersion, kind)!);

    private static JsonObject Set(string podSpec)
    {
        var set = JsonNode.Parse("""
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "x"},
             "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}}}}}
            """)!.AsObject();
        set["spec"]!["template"]!["spec"] = JsonNode.Parse(podSpec);
        return set;
    }
}
