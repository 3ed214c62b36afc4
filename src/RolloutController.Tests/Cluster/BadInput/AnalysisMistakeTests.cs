using NUnit.Framework;

namespace RolloutController.Tests.Cluster.BadInput;

/// <summary>Analyses that cannot be made as they are written.</summary>
internal sealed class AnalysisMistakeTests : BadInputTest
{
    /// <summary>Nobody answers there: what is wrong as written is told without asking.</summary>
    protected override Task<Uri?> PrometheusAsync() => Task.FromResult<Uri?>(new Uri("http://127.0.0.1:9"));

    [SetUp]
    public Task DeployShopAsync() => DeployAsync(Rollout("v1"));

    [Test]
    public Task Provider_that_is_not_configured() => MistakeAsync(
        () => ChangeAsync("{spec: {analysis: {provider: nobody, errorRate: {max: 1%}}}}"),
        "ProviderNotFound", "spec.analysis.provider: ", "there is no provider 'nobody'; configured are: prometheus",
        () => ChangeAsync("{spec: {analysis: null}}"));

    [TestCase("http_requests_total", TestName = "Selector_without_braces")]
    [TestCase("http_requests_total{code=~5..}", TestName = "Selector_without_quotes")]
    [TestCase("{code=\"500\"}", TestName = "Selector_without_a_metric")]
    public Task Selector_that_is_none(string selector) => MistakeAsync(
        () => ChangeAsync($"{{spec: {{analysis: {{errorRate: {{max: 1%, requests: '{selector}', errors: '{selector}'}}}}}}}}"),
        "InvalidSelector", "spec.analysis.errorRate.requests: ", "",
        () => ChangeAsync("{spec: {analysis: null}}"));
}

/// <summary>A selector that is one, and that selects nothing.</summary>
internal sealed class EmptySelectorTests : ControllerTest
{
    protected override async Task<Uri?> PrometheusAsync() => (await SharedPrometheusAsync()).Url;

    [Test]
    public async Task Selector_that_matches_nothing_promotes_nothing_and_says_so()
    {
        var rollout = Rollout("v1") with { Weights = [50, 100], ProgressDeadline = "3s" };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await ChangeAsync(
            """
            {spec: {analysis: {interval: 1s, errorRate: {max: 1%, requests: 'nothing_total{pod=~"$pods"}', errors: 'nothing_total{pod=~"$pods",code="500"}' } } } }
            """);

        var held = await UntilRolloutAsync(item => item.Is("Stalled"), "the rollout to be held up");

        Assert.That(held.Condition("Stalled").Text("reason"), Is.EqualTo("NoData"));
        Assert.That(held.Text("status.message"), Does.Contain("nothing_total"));
        Assert.That(held.Number("status.weight"), Is.EqualTo(50));
        Assert.That(held.At("status.lastRollback"), Is.Null);
        await ChangeAsync("{spec: {analysis: null}}");
        await UntilHealthyAsync();
    }
}

/// <summary>A controller without any provider.</summary>
internal sealed class NoProviderTests : BadInputTest
{
    [Test]
    public async Task Analysis_without_any_provider_is_refused_and_says_what_to_configure()
    {
        await DeployAsync(Rollout("v1"));
        await MistakeAsync(
            () => ChangeAsync("{spec: {analysis: {errorRate: {max: 1%}}}}"),
            "ProviderNotFound", "spec.analysis.provider: ", "--prometheus",
            () => ChangeAsync("{spec: {analysis: null}}"));
    }
}
