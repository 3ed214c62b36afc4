using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Kubernetes.Models;

/// <summary>Which ConfigMaps and Secrets a pod template names, and how it names copies of them.</summary>
internal sealed class TemplateConfigTests
{
    [TestCase("volumes: [{name: v, configMap: {name: a}}]", "ConfigMap a", "spec.volumes[0].configMap.name")]
    [TestCase("volumes: [{name: v, secret: {secretName: a}}]", "Secret a", "spec.volumes[0].secret.secretName")]
    [TestCase("volumes: [{name: u}, {name: v, projected: {sources: [{downwardAPI: {}}, {configMap: {name: a}}]}}]", "ConfigMap a", "spec.volumes[1].projected.sources[1].configMap.name")]
    [TestCase("volumes: [{name: v, projected: {sources: [{secret: {name: a}}]}}]", "Secret a", "spec.volumes[0].projected.sources[0].secret.name")]
    [TestCase("containers: [{envFrom: [{prefix: A, configMapRef: {name: a}}]}]", "ConfigMap a", "spec.containers[0].envFrom[0].configMapRef.name")]
    [TestCase("containers: [{envFrom: [{secretRef: {name: a}}]}]", "Secret a", "spec.containers[0].envFrom[0].secretRef.name")]
    [TestCase("containers: [{env: [{name: A, valueFrom: {configMapKeyRef: {name: a, key: k}}}]}]", "ConfigMap a", "spec.containers[0].env[0].valueFrom.configMapKeyRef.name")]
    [TestCase("containers: [{}, {env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: k}}}]}]", "Secret a", "spec.containers[1].env[0].valueFrom.secretKeyRef.name")]
    [TestCase("initContainers: [{restartPolicy: Always, envFrom: [{secretRef: {name: a}}]}]", "Secret a", "spec.initContainers[0].envFrom[0].secretRef.name")]
    [TestCase("ephemeralContainers: [{envFrom: [{configMapRef: {name: a}}]}]", "ConfigMap a", "spec.ephemeralContainers[0].envFrom[0].configMapRef.name")]
    public void What_containers_read_is_found_and_renamed(string spec, string key, string field)
    {
        var template = Template(spec);
        Assert.That(TemplateConfig.Find(Element(template)), Is.EqualTo(new[] { new ConfigReference(Key(key), field, Optional: false) }));

        var before = template.DeepClone();
        TemplateConfig.Rename(template, named => named == Key(key) ? "another" : null);
        Assert.That(TemplateConfig.Find(Element(template)).Select(reference => reference.Key), Is.EqualTo(new[] { Key(key) with { Name = "another" } }));
        TemplateConfig.Rename(template, _ => "a");
        Assert.That(JsonNode.DeepEquals(template, before), "nothing else changes");
    }

    [TestCase("imagePullSecrets: [{name: a}]")]
    [TestCase("serviceAccountName: a")]
    [TestCase("volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: a}}]}}]")]
    [TestCase("volumes: [{name: v, csi: {driver: d, nodePublishSecretRef: {name: a}}}]")]
    [TestCase("volumes: [{name: v, persistentVolumeClaim: {claimName: a}}]")]
    [TestCase("containers: [{name: a, env: [{name: a, value: a}, {name: b, valueFrom: {fieldRef: {fieldPath: a}}}]}]")]
    [TestCase("containers: [{envFrom: [{configMapRef: {name: ''}}]}]")]
    [TestCase("volumes: null")]
    [TestCase("containers: a")]
    public void Everything_else_stays(string spec)
    {
        var template = Template(spec);
        Assert.That(TemplateConfig.Find(Element(template)), Is.Empty);
        var before = template.DeepClone();
        TemplateConfig.Rename(template, _ => "another");
        Assert.That(JsonNode.DeepEquals(template, before));
    }

    [TestCase("volumes: [{name: v, secret: {secretName: a, optional: true}}]", true)]
    [TestCase("volumes: [{name: v, configMap: {name: a, optional: false}}]", false)]
    [TestCase("containers: [{env: [{name: A, valueFrom: {secretKeyRef: {name: a, key: k, optional: true}}}]}]", true)]
    public void A_reference_may_be_optional(string spec, bool optional) =>
        Assert.That(TemplateConfig.Find(Element(Template(spec))).Single().Optional, Is.EqualTo(optional));

    [Test]
    public void A_template_that_names_copies_of_its_revision_has_the_hash_of_the_original()
    {
        var original = Template("containers: [{name: shop, envFrom: [{configMapRef: {name: shop-config}}]}], volumes: [{name: shop-config-0123456789-abcde}]");
        original["metadata"] = Yaml.Parse("{labels: {app: shop, pod-template-hash: 0123456789}}".Replace("0123456789", "'0123456789'", StringComparison.Ordinal));
        var copies = original.DeepClone().AsObject();
        var name = TemplateConfig.CopyName("shop-config", "0123456789", TemplateConfig.NewNonce(new Random(1)));
        TemplateConfig.Rename(copies, _ => name);

        var (ofOriginal, ofCopies) = (PodTemplateDigest.Of(Element(original)), PodTemplateDigest.Of(Element(copies)));
        Assert.That((ofCopies.Hash, ofCopies.NamesCopies), Is.EqualTo((ofOriginal.Hash, true)));
        Assert.That(ofOriginal.NamesCopies, Is.False);
    }

    [TestCase("shop-9999999999-bcdfg", TestName = "Another_revision")]
    [TestCase("shop-0123456789", TestName = "No_nonce")]
    [TestCase("shop-0123456789-abcdefg", TestName = "A_longer_end")]
    [TestCase("shop-0123456789-aeiou", TestName = "Letters_that_are_not_drawn")]
    [TestCase("-0123456789-bcdfg", TestName = "No_name")]
    public void What_is_no_copy_of_the_revision_counts_as_it_is(string name)
    {
        var template = Template($"volumes: [{{name: v, configMap: {{name: {name}}}}}]");
        template["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["pod-template-hash"] = "0123456789" } };
        Assert.That(PodTemplateDigest.Of(Element(template)).NamesCopies, Is.False);
    }

    [Test]
    public void The_longest_name_leaves_room_for_those_of_copies() =>
        Assert.That(TemplateConfig.CopyName(new string('a', TemplateConfig.MaxNameLength), "0123456789", "bcdfg"), Has.Length.EqualTo(253));

    [Test]
    public void A_digest_tells_content_apart_and_hides_that_of_a_secret()
    {
        var secret = new ConfigDigest { Metadata = new ObjectMeta { Uid = "1" }, Type = "Opaque", Data = "a" };
        Assert.That(secret.Keyed("Secret"), Has.Length.EqualTo(20));
        Assert.That((secret with { Data = "b" }).Keyed("Secret"), Is.Not.EqualTo(secret.Keyed("Secret")));
        Assert.That((secret with { BinaryData = "b" }).Keyed("Secret"), Is.Not.EqualTo(secret.Keyed("Secret")));
        Assert.That((secret with { Type = "kubernetes.io/tls" }).Keyed("Secret"), Is.Not.EqualTo(secret.Keyed("Secret")));
        var another = secret with { Metadata = new ObjectMeta { Uid = "2" } };
        Assert.That(another.Keyed("Secret"), Is.Not.EqualTo(secret.Keyed("Secret")), "without its uid nobody can try values");
        Assert.That(another.Keyed("ConfigMap"), Is.EqualTo(secret.Keyed("ConfigMap")), "a ConfigMap that is made anew with the same content is the same");
        Assert.That($"{secret}", Does.Not.Contain("Opaque"));
    }

    [Test]
    public void Content_is_read_into_its_hash_and_no_annotation_keeps_it()
    {
        const string Json = """{"metadata": {"uid": "1", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "secret"}}, "type": "Opaque", "data": {"b": "Mg==", "a": "MQ=="}}""";
        var digest = JsonSerializer.Deserialize(Json, KubernetesKinds.Digest("Secret").TypeInfo)!;
        var content = JsonSerializer.Deserialize(Json, KubernetesKinds.Content("Secret").TypeInfo)!;
        Assert.That(digest.Metadata.Annotations, Is.Empty);
        Assert.That(content.Digest.Keyed("Secret"), Is.EqualTo(digest.Keyed("Secret")));
        Assert.That(JsonSerializer.Deserialize("""{"data": {}}""", KubernetesKinds.Digest("ConfigMap").TypeInfo)!.Keyed("ConfigMap"), Is.EqualTo(new ConfigDigest().Keyed("ConfigMap")));
        Assert.That($"{content}", Does.Not.Contain("MQ=="));
    }

    private static ConfigKey Key(string text) => new(text.Split(' ')[0], text.Split(' ')[1]);

    private static JsonObject Template(string spec) => new() { ["spec"] = Yaml.Parse($"{{{spec}}}") };

    private static JsonElement Element(JsonObject template) => JsonSerializer.SerializeToElement(template);
}
