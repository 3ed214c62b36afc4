using NUnit.Framework;

namespace RolloutController.Tests.Cluster.BadInput;

/// <summary>Analyses that cannot be made as they are written.</summary>
internal sealed class AnalysisMistakeTests : BadInputTest
{
    /// <summary>Nobody answers there: what is wrong as written is told without asking.</summary>
    protected override Uri Prometheus => new("http://127.0.0.1:9");

    [SetUp]
    public Task DeployShopAsync() => DeployAsync(Rollout("v1"));

    [Test]
    public Task Provider_that_is_not_configured() => MistakeAsync(
        () => ChangeAsync("{spec: {analysis: {provider: nobody, errorRate: {max: 1%}}}}"),
        "ProviderNotFound", "spec.analysis.provider: ", "there is no provider 'nobody'; configured are: prometheus",
        () => ChangeAsync("{spec: {analysis: null}}"));

    [TestCase("http_requests_total", TestName = "Selector_without_braces")]
    [TestCase("http_requests_total{code=~5..}", TestName = "Selector_without_quotes")]
    [TestCase("sum(http_requests_total)", TestName = "Selector_that_is_an_expression")]
    public Task Selector_that_is_none(string selector) => MistakeAsync(
        () => ChangeAsync($"{{spec: {{analysis: {{errorRate: {{max: 1%, requests: '{selector}', errors: '{selector}'}}}}}}}}"),
        "InvalidSelector", "spec.analysis.errorRate", "",
        () => ChangeAsync("{spec: {analysis: null}}"));
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
