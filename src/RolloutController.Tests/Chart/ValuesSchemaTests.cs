using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Analysis.Metrics;
using RolloutController.Hosting.Options;
using RolloutController.Notifications;
using RolloutController.Planning;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Chart;

/// <summary>Wrong values are refused, and the message says where.</summary>
internal sealed class ValuesSchemaTests
{
    [TestCase("{replica: 2}", "(root): Additional property replica is not allowed")]
    [TestCase("{replicas: two}", "replicas: Invalid type")]
    [TestCase("{image: {digest: 'sha256:12'}}", "image.digest: ")]
    [TestCase("{image: {tag: latest}}", "image.tag: ")]
    [TestCase("{image: {repository: 'controller@sha256:12'}}", "image.repository: ")]
    [TestCase("{namespaces: [Shop]}", "namespaces.0: ")]
    [TestCase("{crds: {installed: true}}", "crds: Additional property installed")]
    [TestCase("{rbac: {config: {shop: {configMaps: []}}}}", "rbac.config.shop.configMaps: ")]
    [TestCase("{rbac: {config: {shop: {}}}}", "rbac.config.shop: ")]
    [TestCase("{rbac: {checks: {shop: {}}}}", "rbac.checks.shop: secrets is required")]
    [TestCase("{prometheus: {address: 'http://user:password@prometheus:9090'}}", "prometheus.address: ")]
    [TestCase("{prometheus: {address: 'prometheus:9090'}}", "prometheus.address: ")]
    [TestCase("{prometheus: {preset: linkerd}}", "prometheus.preset: ")]
    [TestCase("{prometheus: {bearerToken: abc}}", "prometheus.bearerToken: Invalid type")]
    [TestCase("{prometheus: {bearerToken: {secret: prometheus}}}", "prometheus.bearerToken: Has a dependency on key")]
    [TestCase("{prometheus: {certificateAuthority: {secret: a, configMap: b, key: c}}}", "prometheus.certificateAuthority: ")]
    [TestCase("{providers: {mimir: {adress: 'http://mimir'}}}", "providers.mimir: address is required")]
    [TestCase("{providers: {Mimir: {address: 'http://mimir'}}}", "providers: Property name of \"Mimir\"")]
    [TestCase("{logs: {loki: {address: 'http://loki', preset: plain}}}", "logs.loki: Additional property preset")]
    [TestCase("{hooks: {approvals: {address: 'https://a.example', username: b}}}", "hooks.approvals: Has a dependency on password")]
    [TestCase("{notifications: {chat: {kind: Slack, url: 'https://hooks.example/secret'}}}", "notifications.chat.url: ")]
    [TestCase("{notifications: {duty: {kind: PagerDuty}}}", "notifications.duty: routingKey is required")]
    [TestCase("{notifications: {ops: {kind: Webhook}}}", "notifications.ops: url is required")]
    [TestCase("{notifications: {ops: {kind: Email}}}", "notifications.ops.kind: ")]
    [TestCase("{maxConcurrentReconciles: 65}", "maxConcurrentReconciles: ")]
    [TestCase("{log: {level: verbose}}", "log.level: ")]
    [TestCase("{service: {port: 0}}", "service.port: ")]
    [TestCase("{podSecurityContext: {runAsNonRoot: false}}", "podSecurityContext.runAsNonRoot: ")]
    [TestCase("{podSecurityContext: {runAsUser: 0}}", "podSecurityContext.runAsUser: ")]
    [TestCase("{podSecurityContext: {seccompProfile: {type: Unconfined}}}", "podSecurityContext.seccompProfile.type: ")]
    [TestCase("{networkPolicy: {egress: [{ports: [{port: 1}]}]}}", "networkPolicy.egress.0: to is required")]
    [TestCase("{networkPolicy: {collector: [{}]}}", "networkPolicy.collector.0: ")]
    [TestCase("{networkPolicy: {apiServer: {to: []}}}", "networkPolicy.apiServer.to: ")]
    [TestCase("{serviceMonitor: {interval: often}}", "serviceMonitor.interval: ")]
    [TestCase("{prometheusRule: {disabled: [Everything]}}", "prometheusRule.disabled.0: ")]
    public void Wrong_value_is_refused_with_its_path(string values, string message) => Assert.That(HelmChart.Refusal(values), Does.Contain($"- {message}"));

    [Test]
    public void Account_that_is_not_made_has_to_be_named() =>
        Assert.That(HelmChart.Refusal("{serviceAccount: {create: false}}"), Does.Contain("serviceAccount.name: write the name of the account"));

    /// <summary>The lists of words are those of the controller, and so are the fields of each server.</summary>
    [Test]
    public void The_schema_knows_what_the_controller_knows()
    {
        var schema = JsonNode.Parse(File.ReadAllText(RepositoryFiles.PathOf($"{HelmChart.Folder}/values.schema.json")))!;
        Assert.That(Words(schema, "properties.prometheus.properties.preset"), Is.EquivalentTo(Presets.Names.Append("")));
        Assert.That(Words(schema, "properties.log.properties.level"), Is.EquivalentTo(LogNames.Levels));
        Assert.That(Words(schema, "properties.log.properties.format"), Is.EquivalentTo(LogNames.Formats));
        Assert.That(Words(schema, "properties.notifications.additionalProperties.properties.kind"), Is.EquivalentTo(Enum.GetNames<SinkKind>()));
        Assert.That(Words(schema, "properties.notifications.additionalProperties.properties.severity"), Is.EquivalentTo(Enum.GetNames<Severity>()));
        foreach (var (section, fields) in Settings.EndpointFields)
        {
            var known = ((JsonObject)schema.At($"properties.{section.ToLowerInvariant()}.additionalProperties.properties")!).Select(field => field.Key);
            Assert.That(known, Is.EquivalentTo(fields.Select(InValues).Distinct()), section);
        }
    }

    private static IEnumerable<string> Words(JsonNode schema, string path) => schema.Each($"{path}.enum").Select(word => word.ToString());

    private static string InValues(string field) =>
        char.ToLowerInvariant(field[0]) + (field.EndsWith("File", StringComparison.Ordinal) ? field[1..^"File".Length] : field[1..]);
}
