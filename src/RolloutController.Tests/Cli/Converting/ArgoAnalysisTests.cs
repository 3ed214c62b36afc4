using NUnit.Framework;

namespace RolloutController.Tests.Cli.Converting;

/// <summary>AnalysisTemplates of Argo Rollouts as checks.</summary>
internal sealed class ArgoAnalysisTests
{
    private const string Rollout = """
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata: {name: shop}
        spec:
          selector: {matchLabels: {app: shop}}
          template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: "shop:1.0.0", ports: [{containerPort: 8080}]}]}}
          progressDeadlineAbort: true
          strategy:
            canary:
              stableService: shop
              canaryService: shop-next
              trafficRouting: {plugins: {argoproj-labs/gatewayAPI: {httpRoute: shop}}}
              steps: [{setWeight: 20}, {pause: {duration: 5m}}]
              analysis:
                templates: [{templateName: rates}]
                args:
                  - {name: service-name, value: shop-next.default.svc.cluster.local}
                  - {name: hash, valueFrom: {podTemplateHashValue: Latest}}
                  - {name: stable, valueFrom: {podTemplateHashValue: Stable}}
        """;

    private static string Template(string metric, string kind = "AnalysisTemplate", string more = "") => $$$"""
        apiVersion: argoproj.io/v1alpha1
        kind: {{{kind}}}
        metadata: {name: rates}
        spec:
          args: [{name: service-name}, {name: hash}, {name: stable}, {name: limit, value: "0.05"}, {name: token, valueFrom: {secretKeyRef: {name: api, key: token} } } ]{{{more}}}
          metrics:
          - {{{Indented(metric)}}}
        """;

    private static string Indented(string metric) => metric.ReplaceLineEndings("\n    ");

    private const string Prometheus = "provider: {prometheus: {address: \"http://someone:hidden@prometheus.example.com:9090\", query: 'sum(rate(errors_total{pod=~\"$pods\"}[5m]))'}}";

    [Test]
    public void A_query_becomes_a_check_and_its_address_is_told()
    {
        var converted = Converted.Of(Rollout, Template("""
            name: Success Rate
            interval: 2m
            count: 3
            failureLimit: 1
            successCondition: result[0] >= 0.95
            provider:
              prometheus:
                address: http://someone:hidden@prometheus.example.com:9090/api?key=hidden
                query: |
                  sum(rate(requests_total{service=~"{{ args.service-name }}",code!~"5.*"}[5m])) /
                  sum(rate(requests_total{service=~"{{args.service-name}}"}[5m]))
            """));

        Assert.That(converted.Run.Output, Does.Contain("""
              analysis:
                checks:
                - name: success-rate
                  query:
                    expression: |-
                      sum(rate(requests_total{service=~"$service.default.svc.cluster.local",code!~"5.*"}[5m])) /
                      sum(rate(requests_total{service=~"$service.default.svc.cluster.local"}[5m]))
                  critical:
                    below: "0.95"
                  interval: 2m
                  minSamples: 3
                  failures: 2

            """.ReplaceLineEndings("\n")).And.Not.Contain("hidden"));
        Assert.That(converted.Notes, Is.EqualTo(new[]
        {
            "spec.strategy.canary.canaryService: a Rollout makes a Service of its own while it runs: take shop-next out of the routes, and delete it then",
            "AnalysisTemplate rates spec.metrics[0].provider.prometheus.address: http://prometheus.example.com:9090/api is for who runs the controller to set up as a provider (docs/providers.md); name it in spec.analysis.provider where it is not the default",
            "AnalysisTemplate rates spec.metrics[0].failureLimit: 1 measurements may fail in all; here 2 in a row roll back",
            "no error rate is judged: write analysis.errorRate, such as {max: 0.5%} (docs/analysis.md)",
        }));
        converted.AssertCanBeCarriedOut(Converted.ServiceAndRoute);
    }

    [TestCase("successCondition: result[0] >= 0.95 && result[0] <= 2", """{"critical":{"above":2,"below":"0.95"}}""")]
    [TestCase("successCondition: 5 >= result", """{"critical":{"above":5}}""")]
    [TestCase("successCondition: result == 0", """{"critical":{"above":0,"below":0}}""")]
    [TestCase("successCondition: \"result[0] <= {{args.limit}}\"", """{"critical":{"above":"0.05"}}""")]
    [TestCase("successCondition: len(result) == 0 || (result[0] <= 5)", """{"critical":{"above":5},"onNoData":"Ignore"}""")]
    [TestCase("failureCondition: result[0] > 10 || result[0] < -1.5", """{"critical":{"above":10,"below":"-1.5"}}""")]
    [TestCase("failureCondition: isNaN(result[0]) || result[0] > 10", """{"critical":{"above":10},"onNoData":"Rollback"}""")]
    [TestCase("successCondition: result[0] <= 5\nfailureCondition: result[0] > 10", """{"warning":{"above":5},"critical":{"above":10}}""")]
    public void Conditions_become_limits(string conditions, string expected)
    {
        var converted = Converted.Of(Rollout, Template($"name: x\n{conditions}\n{Prometheus}"));
        var check = converted.Spec["analysis"]!["checks"]![0]!.AsObject();
        foreach (var name in new[] { "name", "query" })
            check.Remove(name);
        Assert.That(check.ToJsonString(), Is.EqualTo(expected));
        Assert.That(converted.Notes, Has.None.Contains("Condition"));
        converted.AssertCanBeCarriedOut(Converted.ServiceAndRoute);
    }

    [TestCase("successCondition: result[0] < 5", true, "successCondition: result[0] < 5: here the limit itself is fine")]
    [TestCase("failureCondition: result[0] >= 5", true, "failureCondition: result[0] >= 5: here the limit itself is fine")]
    [TestCase("successCondition: all(result, {# < 5})", false, "successCondition: all(result, {# < 5}) is no range of one value, so it is not converted")]
    [TestCase("failureCondition: result[0] == 5", false, "failureCondition: result[0] == 5 is no range of one value")]
    [TestCase("successCondition: result[0] >= 0.1234567", false, "successCondition: result[0] >= 0.1234567 is no range of one value")]
    [TestCase("initialDelay: 1m", false, "spec.metrics[0]: is not converted, as it says of no value that it fails")]
    public void Conditions_that_say_something_else_are_told(string conditions, bool isConverted, string note)
    {
        var converted = Converted.Of(Rollout, Template($"name: x\n{conditions}\n{Prometheus}"));
        Assert.That(converted.Notes, Has.Some.Contains(note));
        Assert.That(converted.Spec["analysis"] is not null, Is.EqualTo(isConverted));
    }

    [TestCase("""up{pod_template_hash="{{args.hash}}"}""", """up{pod_template_hash="$revision"}""", null)]
    [TestCase("""up{job="{{args.service-name}}x"}""", """up{job="$service.default.svc.cluster.localx"}""", null)]
    [TestCase("up", "up", "asks about both versions together")]
    [TestCase("""up{hash="{{args.stable}}"}""", null, "query: is not converted: what {{args.stable}} stands for is not known")]
    [TestCase("""up{hash="{{args.token}}"}""", null, "query: is not converted: what {{args.token}} stands for is not known")]
    [TestCase("up{$x}", null, "query: is not converted: The query is wrong at character 4")]
    public void Queries_ask_about_the_new_version(string query, string? expected, string? note)
    {
        var converted = Converted.Of(Rollout, Template($"name: x\nsuccessCondition: result[0] > 1\nprovider: {{prometheus: {{query: '{query}'}}}}"));
        Assert.That((string?)converted.Spec["analysis"]?["checks"]?[0]?["query"]?["expression"], Is.EqualTo(expected));
        Assert.That(converted.Notes, note is null ? Has.None.Contains("query") : Has.Some.Contains(note));
    }

    [Test]
    public void A_Job_is_taken_over_and_told_of_the_version()
    {
        var converted = Converted.Of(Rollout, Template("""
            name: smoke
            provider:
              job:
                spec:
                  backoffLimit: 1
                  activeDeadlineSeconds: 120
                  template: {spec: {restartPolicy: Never, containers: [{name: smoke, image: "smoke:1", args: ["http://{{args.service-name}}", "{{args.hash}}"]}]}}
            """));

        Assert.That(converted.Spec["analysis"]!["checks"]![0]!.ToJsonString(), Is.EqualTo(
            """{"name":"smoke","job":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"smoke","image":"smoke:1","args":["http://shop-next.default.svc.cluster.local","$(ROLLOUT_REVISION)"]}]}},"deadline":"2m","retries":1}}"""));
        Assert.That(converted.Notes, Has.Some.Contains("template: names shop-next: write $(ROLLOUT_CANARY_SERVICE)"));
        converted.AssertCanBeCarriedOut(Converted.ServiceAndRoute);
    }

    [TestCase("successCondition: result >= 0.9", "jsonPath: \"{$.data.rate}\"", """{"name":"x","http":{"path":"/health?full=1","maxLatency":"5s","value":"/data/rate"},"critical":{"below":"0.9"}}""")]
    [TestCase("successCondition: result == 'up'", "jsonPath: \"{$.status}\"", """{"name":"x","http":{"path":"/health?full=1","maxLatency":"5s","expectJson":[{"pointer":"/status","equals":"up"}]}}""")]
    public void A_request_to_the_new_version_becomes_a_probe_of_its_pods(string condition, string path, string expected)
    {
        var converted = Converted.Of(Rollout, Template($"name: x\n{condition}\nprovider: {{web: {{url: \"http://{{{{args.service-name}}}}/health?full=1\", timeoutSeconds: 5, {path}}}}}"));
        Assert.That(converted.Spec["analysis"]!["checks"]![0]!.ToJsonString(), Is.EqualTo(expected));
        Assert.That(converted.Notes, Has.Some.Contains("at the first port of its template"));
        converted.AssertCanBeCarriedOut(Converted.ServiceAndRoute);
    }

    [TestCase("web: {url: \"https://api.example.com/v1?token={{args.token}}\", jsonPath: \"{$.ok}\"}", "provider.web.url: is not converted: https://api.example.com/v1 is for who runs the controller to set up as a hook")]
    [TestCase("datadog: {query: 'avg:x{*}'}", "provider.datadog: is not asked by the controller")]
    [TestCase("prometheus: {query: up, rangeQuery: {start: now()}}", "prometheus.rangeQuery: is not converted")]
    public void What_is_asked_elsewhere_is_told(string provider, string note)
    {
        var converted = Converted.Of(Rollout, Template($"name: x\nsuccessCondition: result == true\nprovider: {{{provider}}}"));
        Assert.That(converted.Notes, Has.Some.Contains(note));
        Assert.That(converted.Spec["analysis"], Is.Null);
        Assert.That(converted.Run.Output.Split('\n').Where(line => !line.StartsWith('#')), Has.None.Contains("example.com"));
    }

    [Test]
    public void A_dry_run_is_a_warning() => Assert.That(
        Converted.Of(Rollout, Template($"name: x\nsuccessCondition: result >= 1\n{Prometheus}", more: "\n  dryRun: [{metricName: x}]")).Run.Output,
        Does.Contain("warning:\n        below: 1\n").And.Not.Contain("critical"));

    [Test]
    public void Templates_of_the_cluster_and_of_templates_are_found()
    {
        var outer = "{apiVersion: argoproj.io/v1alpha1, kind: AnalysisTemplate, metadata: {name: rates}, spec: {templates: [{templateName: rates, clusterScope: true}, {templateName: rates}]}}";
        var converted = Converted.Of(Rollout, outer, Template($"name: x\nsuccessCondition: result >= 1\n{Prometheus}", "ClusterAnalysisTemplate"));
        Assert.That(converted.Spec["analysis"]!["checks"]!.AsArray(), Has.Count.EqualTo(1));
        Assert.That(converted.Notes, Has.Some.StartsWith("ClusterAnalysisTemplate rates spec.metrics[0].provider.prometheus.address: http://prometheus.example.com:9090 is for"));
    }

    [TestCase("query: up", "[{\"name\":\"x\",\"query\":{\"expression\":\"up\"},\"critical\":{\"below\":1}}]", "asks about both versions together")]
    [TestCase("query: 'up{pod=~\"$pods\"}'", null, "x is left out of the gates: asking the new pods before they get any traffic needs traffic.routes")]
    public void Before_and_after_a_promotion_are_gates_and_checks(string query, string? gates, string note)
    {
        var blueGreen = """
            apiVersion: argoproj.io/v1alpha1
            kind: Rollout
            metadata: {name: shop}
            spec:
              selector: {matchLabels: {app: shop}}
              template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: "shop:1.0.0", ports: [{containerPort: 8080}]}]}}
              strategy:
                blueGreen:
                  activeService: shop
                  prePromotionAnalysis: {templates: [{templateName: rates}]}
                  postPromotionAnalysis: {templates: [{templateName: rates}]}
            """;
        var converted = Converted.Of(blueGreen, Template($"name: x\nsuccessCondition: result >= 1\nprovider: {{prometheus: {{{query}}}}}"));
        Assert.That(converted.Spec["gates"]?.ToJsonString(), Is.EqualTo(gates));
        Assert.That((string?)converted.Spec["analysis"]!["checks"]!.AsArray().Single()!["name"], Is.EqualTo(gates is null ? "x" : "x-2"));
        Assert.That(converted.Notes, Has.Some.Contains(note));
        converted.AssertCanBeCarriedOut("apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}");
    }

    [Test]
    public void Lines_of_others_stay_in_their_comment() =>
        Assert.That(Converted.Of(Rollout, Template($"name: x\nsuccessCondition: \"oh\\nspec: {{}}\"\n{Prometheus}")).Notes, Has.Some.Contains("successCondition: oh spec: {} is no range"));
}
