using System.Net;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RolloutController.Control.Health;
using RolloutController.Hosting;

namespace RolloutController.Tests.Hosting;

public class RequestIdTests
{
    [TestCase("abc-1")]
    [TestCase("4bf92f35:00.f_067")]
    public void A_proper_id_is_kept(string id) => Assert.That(RequestId.From(id), Is.EqualTo(id));

    [TestCase("")]
    [TestCase("two words")]
    [TestCase("a\nb")]
    [TestCase("<script>")]
    [TestCase("0123456789012345678901234567890123456789012345678901234567890123+")]
    public void Another_is_replaced(string id)
    {
        Assert.That(RequestId.From(id), Does.Match("^[0-9a-f]{32}$"));
        Assert.That(RequestId.From(new string('a', 65)), Does.Match("^[0-9a-f]{32}$"));
    }

    [Test]
    public async Task The_answer_carries_it()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Add(RequestId.Header, "abc-1");

        Assert.That((await host.Client.SendAsync(request)).Headers.GetValues(RequestId.Header), Is.EqualTo(new[] { "abc-1" }));
        Assert.That((await host.Client.GetAsync("/nowhere")).Headers.GetValues(RequestId.Header).Single(), Has.Length.EqualTo(32));
    }

    [Test]
    public async Task A_failure_tells_the_caller_its_id_and_nothing_else()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions, services => services.AddSingleton<IHealthReport, BrokenReport>());

        var response = await host.Client.GetAsync("/readyz");
        var body = await response.Content.ReadAsStringAsync();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(body, Does.Contain(response.Headers.GetValues(RequestId.Header).Single()).And.Not.Contain("inner workings"));
    }

    private sealed class BrokenReport : IHealthReport
    {
        public IReadOnlyList<HealthCheck> Live() => throw new InvalidOperationException("inner workings");

        public IReadOnlyList<HealthCheck> Ready() => [];

        public IReadOnlyDictionary<string, string> Details() => new Dictionary<string, string>();
    }
}
