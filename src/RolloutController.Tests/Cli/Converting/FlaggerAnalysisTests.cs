using NUnit.Framework;

namespace RolloutController.Tests.Cli.Converting;

/// <summary>MetricTemplates and webhooks of Flagger as checks and gates.</summary>
internal sealed class FlaggerAnalysisTests
{
    private const string Beside = $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec:
          selector: {matchLabels: {app: shop}}
          template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: "shop:1.0.0", ports: [{containerPort: 8080}]}]}}
        ---
        {{{Converted.ServiceAndRoute}}}
        """;

    private static string Canary(string analysis, string provider = "gatewayapi:v1") => $$"""
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: shop}
        spec:
          provider: {{provider}}
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
          service: {port: 80}
          analysis:
            interval: 30s
            stepWeights: [50]
            {{analysis}}
        """;

    private static string Template(string query, string provider = "{type: prometheus, address: \"http://prometheus.example.com:9090\", secretRef: {name: prom}}", string space = "") => $$"""
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata: {name: orders{{(space.Length > 0 ? $", namespace: {space}" : "")}}}
        spec:
          provider: {{provider}}
          query: '{{query}}'
        """;

    [TestCase("thresholdRange: {min: 0.5, max: 7}", """{"above":7,"below":"0.5"}""")]
    [TestCase("thresholdRange: {min: 3}", """{"below":3}""")]
    [TestCase("threshold: 4", """{"above":4}""")]
    public void A_query_becomes_a_check_and_its_address_is_told(string limits, string critical)
    {
        var converted = Converted.Of(
            Canary($"metrics: [{{name: Orders Lost, interval: 5m, templateRef: {{name: orders, namespace: metrics}}, templateVariables: {{direction: inbound}}, {limits}}}]"),
            Template("""sum(rate(lost{namespace="{{ namespace }}",pod=~"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)",service="{{ service }}-canary",way="{{ variables.direction }}",app="{{target}}"}[{{ interval }}]))""", space: "metrics"), Beside);

        Assert.That(converted.Spec["analysis"]!["checks"]!.ToJsonString(), Is.EqualTo(
            """[{"name":"orders-lost","query":{"expression":"sum(rate(lost{namespace=\u0022$namespace\u0022,pod=~\u0022$pods\u0022,service=\u0022$service\u0022,way=\u0022inbound\u0022,app=\u0022shop\u0022}[5m]))"},"critical":""" + critical + "}]"));
        Assert.That(converted.Notes, Has.Some.EqualTo("MetricTemplate orders spec.provider.address: http://prometheus.example.com:9090 is for who runs the controller to set up as a provider (docs/providers.md); name it in spec.analysis.provider where it is not the default")
            .And.Some.EqualTo("MetricTemplate orders spec.provider.secretRef: belongs to the provider, which who runs the controller sets up (docs/settings.md)"));
        converted.AssertCanBeCarriedOut(Beside);
    }

    [TestCase("{type: datadog}", "avg:x", "MetricTemplate orders spec.provider.type: datadog is not asked by the controller, so orders is not converted")]
    [TestCase("{type: prometheus}", "up{route=\"{{ route }}\"}", "MetricTemplate orders spec.query: is not converted: what {{ route }} stands for is not known here")]
    [TestCase("{type: prometheus}", "up{x=\"{{ variables.none }}\"}", "MetricTemplate orders spec.query: is not converted: what {{ variables.none }} stands for is not known here")]
    [TestCase("{type: prometheus}", "up{{{ namespace }}}", "MetricTemplate orders spec.query: is not converted: The query is wrong")]
    public void What_cannot_be_asked_is_told(string provider, string query, string note)
    {
        var converted = Converted.Of(Canary("metrics: [{name: orders, templateRef: {name: orders}, threshold: 1}]"), Template(query, provider), Beside);
        Assert.That(converted.Notes, Has.Some.StartsWith(note));
        Assert.That(converted.Spec["analysis"]!["checks"], Is.Null);
    }

    [Test]
    public void Without_routes_no_Service_has_the_new_version_alone()
    {
        var converted = Converted.Of(Canary("metrics: [{name: orders, templateRef: {name: orders}, threshold: 1}]", "nginx"), Template("up{service=\"{{ service }}-canary\"}"), Beside);
        Assert.That(converted.Notes, Has.Some.StartsWith("MetricTemplate orders spec.query: is not converted: it asks by the Service of the new version"));
    }

    [Test]
    public void Who_is_asked_whether_it_may_go_on_becomes_a_hook()
    {
        var converted = Converted.Of(Canary("""
            webhooks:
                  - {name: Approve, type: confirm-rollout, url: "http://gate.example.com/approve?key=hidden", metadata: {team: shop}}
                  - {name: wait, type: confirm-traffic-increase, url: "http://gate.example.com/wait"}
                  - {name: try, type: pre-rollout, url: "http://gate.example.com/try"}
            """.Replace("\n      ", "\n    ", StringComparison.Ordinal)), Beside);

        Assert.That(converted.Spec["gates"]!.ToJsonString(), Is.EqualTo("""[{"name":"approve","hook":{"name":"approve","parameters":{"team":"shop"}}}]"""));
        Assert.That(converted.Spec["analysis"]!["checks"]!.ToJsonString(), Is.EqualTo("""[{"name":"wait","hook":{"name":"wait"}}]"""));
        Assert.That(converted.Notes, Has.Some.EqualTo("spec.analysis.webhooks[0].url: http://gate.example.com/approve is for who runs the controller to set up as hook approve; a status alone is no answer: it answers proceed, hold or rollback (docs/settings.md)")
            .And.Some.StartsWith("spec.analysis.webhooks[2]: try: write it as a gate with a job that runs afterPods"));
        Assert.That(converted.Run.Output, Does.Not.Contain("hidden"));
        converted.AssertCanBeCarriedOut(Beside);
    }
}
