using System.CommandLine;
using NUnit.Framework;
using RolloutController.Cli.Converting;
using RolloutController.Rehearsal.Linting;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Tests.Cli.Converting;

/// <summary>What comes out can be carried out, and nothing is lost without a word.</summary>
internal sealed class ConvertCommandTests
{
    private const string Template = "{metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: \"shop:1.0.0\", ports: [{containerPort: 8080}]}]}}";

    private const string Deployment = $"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {"{name: shop, labels: {team: store}}"}
        spec:
          replicas: 4
          progressDeadlineSeconds: 90
          selector: {"{matchLabels: {app: shop}}"}
          strategy: {"{type: RollingUpdate, rollingUpdate: {maxSurge: 50%, maxUnavailable: 1}}"}
          template: {Template}
        """;

    private const string Service = "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}";

    private const string Route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: shop}\nspec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}";

    private const string Argo = $"""
        apiVersion: argoproj.io/v1alpha1
        kind: Rollout
        metadata: {"{name: shop}"}
        spec:
          replicas: 4
          selector: {"{matchLabels: {app: shop}}"}
          template: {Template}
          revisionHistoryLimit: 2
          strategy:
            canary:
              stableService: shop
              canaryService: shop-next
              maxSurge: 1
              minPodsPerReplicaSet: 2
              trafficRouting:
                plugins: {"{argoproj-labs/gatewayAPI: {httpRoute: shop, namespace: default}}"}
              steps:
                - setWeight: 5
                - pause: {"{duration: 2m}"}
                - setWeight: 25
                - analysis: {"{templates: [{templateName: success-rate}]}"}
                - pause: {"{}"}
                - setWeight: 50
                - pause: {"{duration: 30}"}
        """;

    private const string Flagger = """
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: shop}
        spec:
          provider: gatewayapi:v1
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
          autoscalerRef: {kind: HorizontalPodAutoscaler, name: shop}
          progressDeadlineSeconds: 120
          service: {port: 80, targetPort: 8080, hosts: [shop.example.com], gatewayRefs: [{name: gateway}], trafficPolicy: {tls: {mode: DISABLE}}}
          analysis:
            interval: 30s
            threshold: 5
            maxWeight: 50
            stepWeight: 20
            metrics:
              - {name: request-success-rate, interval: 1m, thresholdRange: {min: 99}}
              - {name: request-duration, interval: 1m, thresholdRange: {max: 500}}
              - {name: orders, templateRef: {name: orders}, thresholdRange: {min: 1}}
            webhooks:
              - {name: load-test, url: "http://loadtester/", metadata: {cmd: hey}}
        """;

    [Test]
    public void A_Deployment_is_taken_over_with_its_Service_and_route()
    {
        var converted = Run(Deployment, Service, Route);

        Assert.That(converted.Output, Is.EqualTo("""
            # From Deployment shop (apps/v1), standard input, document 1
            # To look at:
            # - maxSurge is left out: with routes, the pods of the new version come on top of the full set of the stable one
            # - no error rate is judged: write analysis.errorRate, such as {max: 0.5%} (docs/analysis.md)
            apiVersion: rollouts.dev/v1alpha1
            kind: Rollout
            metadata:
              name: shop
              labels:
                team: store
            spec:
              workloadRef:
                kind: Deployment
                name: shop
              progressDeadline: 1m30s
              maxUnavailable: 1
              traffic:
                service: shop
                routes:
                - kind: HTTPRoute
                  name: shop

            """));
        AssertCanBeCarriedOut(converted, Deployment, Service, Route);
    }

    [Test]
    public void A_Deployment_without_a_route_is_split_by_pod_counts()
    {
        var converted = Run(Deployment, Service);

        Assert.That(converted.Output, Does.Contain("  maxSurge: 50%\n  maxUnavailable: 1\n  traffic:\n    service: shop\n"));
        Assert.That(Notes(converted), Has.Some.EqualTo("no route beside it names Service shop, so the split is made with pod counts"));
        AssertCanBeCarriedOut(converted, Deployment, Service);
        Assert.That(Notes(Run(Deployment)), Has.Some.StartsWith("no Service beside it selects its pods"));
    }

    [Test]
    public void A_Rollout_of_Argo_keeps_its_template_weights_and_pauses()
    {
        var converted = Run(Argo);

        Assert.That(converted.Output, Does.EndWith("""
              steps:
              - weight: 5
                hold: 2m
              - weight: 25
                pause: true
              - weight: 50
                hold: 30s
              - weight: 100

            """.ReplaceLineEndings("\n")));
        Assert.That(Notes(converted), Is.EqualTo(new[]
        {
            "spec.progressDeadlineAbort: a version whose pods do not become ready within progressDeadline is always rolled back",
            "spec.strategy.canary.canaryService: a Rollout makes a Service of its own while it runs: take shop-next out of the routes, and delete it then",
            "spec.strategy.canary.steps[3].analysis: its checks are looked at at every step",
            "spec.strategy.canary.steps[3].analysis.templates[0]: AnalysisTemplate success-rate is not beside it, so it is not converted: give it by another -f, or name rollout.argoproj.io/shop to have it read from the cluster",
            "spec.strategy.canary.minPodsPerReplicaSet: has no counterpart",
            "maxSurge is left out: with routes, the pods of the new version come on top of the full set of the stable one",
            "no error rate is judged: write analysis.errorRate, such as {max: 0.5%} (docs/analysis.md)",
        }));
        AssertCanBeCarriedOut(converted, Service, Route);
    }

    [TestCase("istio: {virtualService: {name: shop}}", "spec.strategy.canary.trafficRouting.istio: is not among what Rollouts split traffic by")]
    [TestCase("maxTrafficWeight: 1000", "spec.strategy.canary.trafficRouting.maxTrafficWeight: has no counterpart")]
    public void Other_routers_of_Argo_are_told(string routing, string note) => Assert.That(
        Notes(Run(Argo.Replace("plugins: {argoproj-labs/gatewayAPI: {httpRoute: shop, namespace: default}}", routing, StringComparison.Ordinal))), Has.Some.StartsWith(note));

    [Test]
    public void A_Canary_of_Flagger_keeps_its_weights_and_metrics()
    {
        var converted = Run(Flagger, Deployment);

        Assert.That(converted.Output, Does.EndWith("""
            spec:
              workloadRef:
                kind: Deployment
                name: shop
              progressDeadline: 2m
              traffic:
                service: shop
                routes:
                - kind: HTTPRoute
                  name: shop
              analysis:
                interval: 30s
                errorRate:
                  max: 1%
                checks:
                - name: request-duration
                  latency:
                    max: 1%
                    slowerThan: 500ms
              steps:
              - weight: 20
                hold: 30s
              - weight: 40
                hold: 30s
              - weight: 100

            """.ReplaceLineEndings("\n")));
        Assert.That(Notes(converted).Select(note => note.Split(": ")[0]), Is.EquivalentTo(new[]
        {
            "spec.autoscalerRef", "spec.service", "spec.analysis.threshold", "spec.analysis.metrics[2].templateRef", "spec.analysis.webhooks[0]", "Flagger runs a copy, Deployment shop-primary, and has scaled shop down",
            "spec.service.trafficPolicy",
        }));
        AssertCanBeCarriedOut(converted, Deployment, Service, Route);
    }

    [Test]
    public void Headers_of_an_AB_test_become_a_match()
    {
        var tested = Flagger.Replace("    maxWeight: 50\n    stepWeight: 20\n", "    iterations: 10\n    match: [{headers: {x-canary: {exact: insider}}}]\n", StringComparison.Ordinal);

        var converted = Run(tested, Deployment);

        Assert.That(converted.Output, Does.Contain("    match:\n      headers:\n      - name: x-canary\n        value: insider\n").And.Contain("  - weight: 0\n    hold: 5m\n  - weight: 100\n"));
        AssertCanBeCarriedOut(converted, Deployment, Service, Route);
    }

    [TestCase("replicas: 4", "replicas: 4\n  paused: \"yes\"", "spec.paused: is no switch of true and false")]
    [TestCase("strategy: {", "strategy: [] #", "spec.strategy: is no object")]
    public void What_is_not_as_it_should_be_is_told(string text, string changed, string message)
    {
        var converted = Run(Deployment.Replace(text, changed, StringComparison.Ordinal));
        Assert.That((converted.Code, converted.Error), Is.EqualTo((2, $"standard input: {message}\n")));
    }

    [Test]
    public void Exit_codes_tell_whether_there_is_something_to_look_at()
    {
        Assert.That(Run(Deployment, Service, Route).Code, Is.Zero);
        Assert.That(Run(["--strict"], Deployment, Service, Route).Code, Is.EqualTo(1));
        var nothing = Run(Service);
        Assert.That((nothing.Code, nothing.Error), Is.EqualTo((2, nothing.Error)));
        Assert.That(nothing.Error, Does.StartWith("There is nothing to convert in it: give a Deployment"));
    }

    private static IEnumerable<string> Notes(CommandRun converted) =>
        converted.Output.Split('\n').Where(line => line.StartsWith("# - ", StringComparison.Ordinal)).Select(line => line[4..]);

    private static void AssertCanBeCarriedOut(CommandRun converted, params string[] beside)
    {
        var manifests = Read([converted.Output, .. beside]);
        Assert.That(Linter.Lint(manifests).Where(finding => !finding.IsWarning).Select(finding => $"{finding}"), Is.Empty, converted.Output);
    }

    private static IReadOnlyList<Manifest> Read(params string[] documents) => ManifestReader.Read(["-"], new StringReader(string.Join("\n---\n", documents)));

    private static CommandRun Run(params string[] documents) => Run([], documents);

    private static CommandRun Run(string[] options, params string[] documents)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var folder = Directory.CreateTempSubdirectory("convert").FullName;
        var file = Path.Combine(folder, "given.yaml");
        File.WriteAllText(file, string.Join("\n---\n", documents));
        var code = ConvertCommand.Create().Parse(["-f", file, .. options]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        Directory.Delete(folder, recursive: true);
        return new CommandRun(code, output.ToString().Replace(file, "standard input", StringComparison.Ordinal), error.ToString().Replace(file, "standard input", StringComparison.Ordinal));
    }
}
