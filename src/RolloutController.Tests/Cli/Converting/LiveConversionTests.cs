using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cli.Converting;

/// <summary>Objects of a cluster that are converted, with what belongs to them.</summary>
internal sealed class LiveConversionTests
{
    private const string Absent = """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not found","reason":"NotFound","code":404,"details":{"name":"shop"}}""";

    private static readonly Dictionary<string, string> Objects = new()
    {
        ["/apis/argoproj.io/v1alpha1/namespaces/store/rollouts/shop"] = """
            {"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"shop","namespace":"store","uid":"1","managedFields":[]},"status":{"phase":"Healthy"},
             "spec":{"selector":{"matchLabels":{"app":"shop"}},"template":{"metadata":{"labels":{"app":"shop"}},"spec":{"containers":[]}},
             "strategy":{"canary":{"steps":[{"setWeight":20}],"analysis":{"templates":[{"templateName":"rates"},{"templateName":"all","clusterScope":true},{"templateName":"gone"}]}}}}}
            """,
        ["/apis/argoproj.io/v1alpha1/namespaces/store/analysistemplates/rates"] = Template("AnalysisTemplate", "rates", "store"),
        ["/apis/argoproj.io/v1alpha1/clusteranalysistemplates/all"] = Template("ClusterAnalysisTemplate", "all", ""),
        ["/apis/flagger.app/v1beta1/namespaces/store/canaries/shop"] = """
            {"apiVersion":"flagger.app/v1beta1","kind":"Canary","metadata":{"name":"shop","namespace":"store"},"spec":{"targetRef":{"kind":"Deployment","name":"shop"},
             "analysis":{"interval":"1m","metrics":[{"name":"orders","threshold":1,"templateRef":{"name":"orders","namespace":"metrics"}}]}}}
            """,
        ["/apis/flagger.app/v1beta1/namespaces/metrics/metrictemplates/orders"] =
            """{"apiVersion":"flagger.app/v1beta1","kind":"MetricTemplate","metadata":{"name":"orders","namespace":"metrics"},"spec":{"query":"orders{pod=~\"{{ target }}-[0-9a-zA-Z]+(-[0-9a-zA-Z]+)\"}"}}""",
        ["/apis/apps/v1/namespaces/store/deployments/shop"] =
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"shop","namespace":"store"},"spec":{"selector":{"matchLabels":{"app":"shop"}},"template":{"metadata":{"labels":{"app":"shop"}}}}}""",
        ["/api/v1/namespaces/store/services"] = """{"kind":"ServiceList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"front","namespace":"store"},"spec":{"selector":{"app":"shop"}}}]}""",
        ["/apis/autoscaling/v2/namespaces/store/horizontalpodautoscalers"] = """{"kind":"HorizontalPodAutoscalerList","apiVersion":"autoscaling/v2","metadata":{},"items":[]}""",
    };

    [Test]
    public async Task A_Rollout_of_Argo_comes_with_its_templates()
    {
        var (run, _) = await RunAsync("convert", "rollouts.argoproj.io/shop");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.StartWith("# From Rollout shop (argoproj.io/v1alpha1), namespace store\n").And.Contain("  namespace: store\n"));
        Assert.That(run.Output, Does.Contain("    - name: rates\n").And.Contain("    - name: all\n"));
        Assert.That(run.Output, Does.Contain("templates[2]: AnalysisTemplate gone is not beside it"));
    }

    [Test]
    public async Task A_Canary_of_Flagger_comes_with_its_templates()
    {
        var (run, _) = await RunAsync("convert", "canary/shop");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("        expression: 'orders{pod=~\"$pods\"}'\n"));
    }

    [Test]
    public async Task A_Deployment_comes_with_the_Service_of_its_pods_also_without_the_Gateway_API()
    {
        var (run, asked) = await RunAsync("convert", "deploy/shop");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("    service: front\n").And.Contain("no route beside it names Service front"));
        Assert.That(asked, Has.Some.EqualTo("GET /apis/gateway.networking.k8s.io/v1/namespaces/store/httproutes"));
    }

    [TestCase("canary/other", "The cluster does not serve flagger.app/v1beta1 Canary, as Flagger is not installed there: choose another --context, or give a manifest with -f\n")]
    [TestCase("canary/shop -n there", "There is no Canary shop of flagger.app/v1beta1 in namespace there: name another with -n, or look at all with kubectl get canaries.flagger.app -A\n")]
    public async Task What_is_not_there_is_told(string what, string message)
    {
        var (run, _) = await RunAsync(["convert", .. what.Split(' ')]);
        Assert.That(run, Is.EqualTo(new CommandRun(1, "", message)));
    }

    [TestCase("rollout/shop", "rollout/shop is a Rollout of rollouts.dev, which needs no conversion; of Argo Rollouts, write rollout.argoproj.io/shop\n")]
    [TestCase("service/shop", "service/shop: there is nothing to make of a service; write deployment/shop, rollout.argoproj.io/shop or canary/shop\n")]
    [TestCase("shop", "shop names no kind and name; write deployment/shop, rollout.argoproj.io/shop or canary/shop\n")]
    public async Task What_cannot_be_converted_is_not_asked_for(string what, string message)
    {
        var (run, asked) = await RunAsync("convert", what);
        Assert.That(run, Is.EqualTo(new CommandRun(2, "", message)));
        Assert.That(asked, Is.Empty);
    }

    private static string Template(string kind, string name, string space) => $$$$"""
        {"apiVersion":"argoproj.io/v1alpha1","kind":"{{{{kind}}}}","metadata":{"name":"{{{{name}}}}","namespace":"{{{{space}}}}"},
         "spec":{"metrics":[{"name":"{{{{name}}}}","successCondition":"result[0] < 1","provider":{"prometheus":{"query":"up{pod=~\"$pods\"}"}}}]}}
        """;

    private static async Task<(CommandRun Run, IReadOnlyList<string> Asked)> RunAsync(params string[] arguments)
    {
        await using var api = await TestApi.StartAsync(AnswerAsync);
        var run = await ClusterTroubleTests.RunAsync(api, "store", arguments);
        return (run, [.. api.Requests.Select(request => $"{request.Method} {request.Path}")]);
    }

    private static Task AnswerAsync(HttpContext context)
    {
        if (Objects.TryGetValue(context.Request.Path, out var found))
            return context.Json(found);
        if (context.Request.Path.Value!.EndsWith("/shop", StringComparison.Ordinal))
            return context.Json(Absent, 404);
        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("404 page not found\n", context.RequestAborted);
    }
}
