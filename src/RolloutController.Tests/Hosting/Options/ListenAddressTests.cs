using NUnit.Framework;
using RolloutController.Hosting.Options;

namespace RolloutController.Tests.Hosting.Options;

public class ListenAddressTests
{
    [TestCase("0.0.0.0:8080", "0.0.0.0:8080")]
    [TestCase("localhost:0", "127.0.0.1:0")]
    [TestCase("[::1]:9090", "[::1]:9090")]
    [TestCase(":8080", "[::]:8080")]
    public void An_address_with_a_port_is_read(string text, string expected)
    {
        Assert.That(ListenAddress.TryParse(text, out var endpoint), Is.True);
        Assert.That(endpoint!.ToString(), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("8080")]
    [TestCase("0.0.0.0")]
    [TestCase("0.0.0.0:")]
    [TestCase("0.0.0.0:65536")]
    [TestCase("0.0.0.0:-1")]
    [TestCase("::1:8080")]
    [TestCase("example.com:80")]
    [TestCase("http://0.0.0.0:80")]
    public void Anything_else_is_not(string text) => Assert.That(ListenAddress.TryParse(text, out _), Is.False);
}
