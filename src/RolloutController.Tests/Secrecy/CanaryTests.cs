using System.Text;
using NUnit.Framework;

namespace RolloutController.Tests.Secrecy;

/// <summary>That planted secrets are found: a search that finds nothing proves nothing.</summary>
internal sealed class CanaryTests
{
    [Test]
    public void A_planted_secret_is_found_as_it_is_and_in_every_encoding()
    {
        var secret = Canary.Of("test");
        Assert.That(Canary.In($"token={secret}."), Has.Count.EqualTo(1));
        Assert.That(Canary.In(Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"a{secret}"))), Has.Count.EqualTo(1));
        foreach (var before in new[] { "", "u", "us", "user:", "user:x", "anybody" })
            Assert.That(Canary.In($"{{\"data\": \"{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{before}{secret}"))}\"}}"), Has.Count.EqualTo(1), $"behind {before.Length} bytes");
        Assert.That(Canary.In("nothing of the kind, c4n4r in Base64 is not there"), Is.Empty);
    }

    [Test]
    public void A_secret_that_was_not_chosen_is_found_too()
    {
        var token = Canary.Keep(Guid.NewGuid().ToString("N"), "a token of this test");
        Assert.That(Canary.In($"Bearer {token}"), Is.EqualTo((string[])["a token of this test"]));
    }
}
