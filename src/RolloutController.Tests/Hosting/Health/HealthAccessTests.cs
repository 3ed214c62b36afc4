using System.Net;
using NUnit.Framework;
using RolloutController.Hosting.Health;
using RolloutController.Hosting.Options;

namespace RolloutController.Tests.Hosting.Health;

public class HealthAccessTests
{
    private static readonly IPAddress Elsewhere = IPAddress.Parse("10.0.0.7");
    private static readonly HealthKey Key = new("sesame");

    [TestCase("127.0.0.1")]
    [TestCase("127.0.0.2")]
    [TestCase("::1")]
    [TestCase("::ffff:127.0.0.1")]
    [TestCase("::ffff:127.0.0.9")]
    public void Localhost_needs_no_key(string address)
    {
        Assert.That(HealthAccess.Refuse(IPAddress.Parse(address), Key, default), Is.Null);
        Assert.That(HealthAccess.Refuse(IPAddress.Parse(address), null, default), Is.Null);
    }

    [Test]
    public void Others_need_the_key()
    {
        Assert.That(HealthAccess.Refuse(Elsewhere, Key, "sesame"), Is.Null);
        Assert.That(HealthAccess.Refuse(Elsewhere, Key, "Sesame"), Does.Contain("ROLLOUT_HEALTH_KEY").And.Contain("X-Health-Key"));
        Assert.That(HealthAccess.Refuse(Elsewhere, Key, ""), Is.Not.Null);
        Assert.That(HealthAccess.Refuse(Elsewhere, Key, default), Is.Not.Null);
        Assert.That(HealthAccess.Refuse(Elsewhere, Key, new[] { "wrong", "sesame" }), Is.Not.Null);
    }

    [Test]
    public void Without_a_configured_key_only_localhost_may() =>
        Assert.That(HealthAccess.Refuse(Elsewhere, null, "anything"), Does.Contain("No health key is configured").And.Contain("ROLLOUT_HEALTH_KEY"));

    [Test]
    public void A_connection_without_an_address_is_not_localhost() =>
        Assert.That(HealthAccess.Refuse(null, null, default), Is.Not.Null);

    [Test]
    public void The_key_is_never_written_out() =>
        Assert.That(new ControllerOptions { HealthKey = Key }.ToString(), Does.Not.Contain("sesame").And.Contain("(redacted)"));
}
