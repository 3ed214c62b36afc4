using System.Net;
using NUnit.Framework;
using RolloutController.Endpoints;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Endpoints;

/// <summary>reference/security.md 5.2, for servers that an operator set up by name.</summary>
internal sealed class EndpointAddressTests
{
    [TestCase("169.254.169.254")]
    [TestCase("169.254.170.2")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("fe80::1")]
    [TestCase("fd00:ec2::254")]
    [TestCase("168.63.129.16")]
    [TestCase("100.100.100.200")]
    public void A_name_that_leads_to_the_machine_is_not_followed_and_an_address_is_as_it_is_written(string address)
    {
        var parsed = IPAddress.Parse(address);
        Assert.That(() => EndpointAddress.Choose("prometheus.example", [parsed]), Throws.TypeOf<EndpointAddressException>());
        Assert.That(EndpointAddress.Choose("prometheus.example", [parsed, IPAddress.Parse("192.0.2.7")]), Is.EqualTo((IPAddress[])[IPAddress.Parse("192.0.2.7")]));
        Assert.That(EndpointAddress.Choose(address, [parsed]), Is.EqualTo((IPAddress[])[parsed]));
    }

    [TestCase("127.0.0.1", Description = "a proxy beside the controller")]
    [TestCase("10.96.4.5", Description = "a Service of the cluster")]
    [TestCase("fd00:10:96::5")]
    [TestCase("203.0.113.5")]
    public void Other_addresses_are_the_operators_choice(string address) =>
        Assert.That(EndpointAddress.Choose("prometheus.example", [IPAddress.Parse(address)]), Has.Length.EqualTo(1));

    [Test]
    public async Task A_server_is_reached_by_its_name()
    {
        await using var server = await TestApi.StartAsync(context => context.Json("{}"));
        Assert.That(server.Address.Host, Is.EqualTo("localhost"));
        using var http = EndpointConnection.Open(instead: null, certificateAuthorityFile: null);
        using var answer = await http.GetAsync(server.Address);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public void What_was_not_asked_is_said_without_the_address()
    {
        var said = EndpointConnection.Explain(new HttpRequestException("no", new EndpointAddressException()));
        Assert.That(said, Does.StartWith("is not asked: its name leads to a link-local address"));
    }
}
