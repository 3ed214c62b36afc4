using NUnit.Framework;
using RolloutController.Hosting.Options;
using RolloutController.Notifications;
using RolloutController.Planning;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Hosting.Options;

/// <summary>The sinks of notifications in <c>appsettings.json</c>.</summary>
internal sealed class SinkReaderTests
{
    private readonly TemporaryFolder _folder = new();

    [OneTimeTearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Each_kind_can_be_set_up()
    {
        var (url, key) = (_folder.Write("url", "https://hooks.example.com/s3cret"), _folder.Write("key", "s3cret"));
        var options = Read($$"""
            {
              "hook": {"Kind": "webhook", "Url": "https://ops.example.com/in?team=shop", "Severity": "p3", "Namespaces": "shop, blog", "BearerTokenFile": "{{key}}", "SigningKeyFile": "{{key}}"},
              "chat": {"Kind": "Slack", "UrlFile": "{{url}}", "Namespaces": ["shop"]},
              "team": {"Kind": "Teams", "UrlFile": "{{url}}", "Severity": "P1", "CertificateAuthorityFile": "{{key}}"},
              "duty": {"Kind": "PagerDuty", "RoutingKeyFile": "{{key}}", "Severity": "P0"}
            }
            """);

        Assert.That(options.Problems(), Is.Empty);
        var sinks = options.Notifications.ToDictionary(sink => sink.Name);
        Assert.That(sinks["hook"] with { Namespaces = [] }, Is.EqualTo(new SinkOptions("hook", SinkKind.Webhook)
        {
            Url = new Uri("https://ops.example.com/in?team=shop"),
            Severity = Severity.P3,
            Namespaces = [],
            BearerTokenFile = key,
            SigningKeyFile = key,
        }));
        Assert.That((sinks["hook"].Namespaces, sinks["chat"].Namespaces), Is.EqualTo((new[] { "shop", "blog" }, new[] { "shop" })));
        Assert.That((sinks["chat"].UrlFile, sinks["chat"].Severity, sinks["team"].Severity), Is.EqualTo((url, Severity.P2, Severity.P1)));
        Assert.That((sinks["duty"].Url, sinks["duty"].RoutingKeyFile), Is.EqualTo((PagerDutyEvents.Address, key)));
    }

    [TestCase("""{"a": {}}""", "Rollout:Notifications:a:Kind in appsettings.json is missing: write one of Webhook, Slack, Teams, PagerDuty.")]
    [TestCase("""{"a": {"Kind": "2"}}""", "is \"2\", which is not there")]
    [TestCase("""{"a": {"Kind": "Webhook"}}""", "Rollout:Notifications:a:Url in appsettings.json is missing")]
    [TestCase("""{"a": {"Kind": "Slack"}}""", "Rollout:Notifications:a:UrlFile in appsettings.json is missing")]
    [TestCase("""{"a": {"Kind": "PagerDuty"}}""", "Rollout:Notifications:a:RoutingKeyFile in appsettings.json is missing")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "ftp://x"}}""", "is no http or https address")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "http://x", "UrlFile": "/nowhere/s3cret"}}""", "are both set: leave one")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "http://x", "SigningKeyFile": "/nowhere/key"}}""", "names the file /nowhere/key, which is not there: mount it")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "http://x", "RoutingKeyFile": "/nowhere"}}""", "which a sink of the kind Webhook does not have")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "http://x", "Severity": "P4"}}""", "write one of P0, P1, P2, P3")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "http://x", "Namespaces": "Shop"}}""", "which no namespace can be called")]
    [TestCase("""{"a": {"Kind": "Webhook", "Url": "http://x", "Token": "x"}}""", "Rollout:Notifications:a:Token in appsettings.json is no setting")]
    [TestCase("""{"A_b": {"Kind": "Webhook", "Url": "http://x"}}""", "names a sink \"A_b\"")]
    public void A_mistake_is_named_with_what_to_write(string sinks, string problem) => Assert.That(Read(sinks).Problems(), Has.One.Contains(problem));

    [TestCase("""{"a": {"Kind": "Webhook", "Url": "https://me:s3cret@x"}}""")]
    [TestCase("""{"a": {"Kind": "Slack", "Url": "https://hooks.example.com/s3cret"}}""")]
    public void An_address_is_not_repeated(string sinks) => Assert.That(Read(sinks).Problems(), Is.Not.Empty.And.None.Contains("s3cret"));

    private ControllerOptions Read(string sinks) => OptionsReader.Read(
        _folder.Write("appsettings.json", $$"""{"Rollout": {"Notifications": {{sinks}} } }"""),
        new Dictionary<string, string> { ["KUBERNETES_SERVICE_HOST"] = "10.0.0.1" },
        new Dictionary<Setting, string>());
}
