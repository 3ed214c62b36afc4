using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RolloutController.Control.Health;
using RolloutController.Hosting.Options;

namespace RolloutController.Tests.Hosting.Health;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class HealthEndpointsTests
{
    private readonly FakeReport _report = new();

    [Test]
    public async Task Readyz_says_why_it_is_not_ready_and_that_it_is_once_it_is()
    {
        await using var host = await Start(RunningHost.LocalOptions);
        _report.ReadyChecks = [new("informers", false, "Pod is not synced: the list was refused (403)."), new("crd", true, "It is there.")];

        var refused = await host.Client.GetAsync("/readyz");
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(refused.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
        Assert.That(
            await refused.Content.ReadAsStringAsync(),
            Is.EqualTo("[-]informers: Pod is not synced: the list was refused (403).\nreadyz check failed\n"));

        _report.ReadyChecks = [new("informers", true, "All are synced.")];
        var ready = await host.Client.GetAsync("/readyz");
        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await ready.Content.ReadAsStringAsync(), Is.EqualTo("ok\n"));
    }

    [Test]
    public async Task Verbose_names_what_is_well_too()
    {
        await using var host = await Start(RunningHost.LocalOptions);
        _report.ReadyChecks = [new("informers", true, "All are synced.")];

        var body = await host.Client.GetStringAsync("/readyz?verbose");

        Assert.That(body.Split('\n'), Does.Contain("[+]informers: All are synced.").And.Contain("[+]configuration: It is complete.").And.Contain("readyz check passed"));
    }

    [TestCase("/healthz")]
    [TestCase("/livez")]
    public async Task Liveness_looks_at_live_checks_only(string path)
    {
        await using var host = await Start(RunningHost.LocalOptions);
        _report.ReadyChecks = [new("api", false, "It is unreachable.")];
        Assert.That((await host.Client.GetAsync(path)).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        _report.LiveChecks = [new("worker", false, "It has not moved for 5 minutes.")];
        var dead = await host.Client.GetAsync(path);
        Assert.That(dead.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await dead.Content.ReadAsStringAsync(), Does.StartWith("[-]worker: It has not moved for 5 minutes.\n"));
    }

    [Test]
    public async Task A_message_cannot_forge_a_line()
    {
        await using var host = await Start(RunningHost.LocalOptions);
        _report.ReadyChecks = [new("api", false, "it said\n[+]api: ok\u001b[2J")];

        var response = await host.Client.GetAsync("/readyz");

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("[-]api: it said [+]api: ok\nreadyz check failed\n"));
    }

    [Test]
    public async Task Details_are_for_localhost_without_a_key()
    {
        await using var host = await Start(RunningHost.LocalOptions with { HealthKey = new HealthKey("sesame") });
        _report.Facts["leader"] = "no, pod-2 is";
        _report.ReadyChecks = [new("informers", false, "Pod is not synced.")];

        var response = await host.Client.GetAsync("/health/detailed");
        var body = await response.Content.ReadAsStringAsync();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/json"));
        var json = JsonNode.Parse(body)!;
        Assert.That((bool)json["live"]!, Is.True);
        Assert.That((bool)json["ready"]!, Is.False);
        Assert.That((string?)json["details"]!["leader"], Is.EqualTo("no, pod-2 is"));
        Assert.That(json["readyChecks"]!.AsArray().Select(check => (string?)check!["message"]), Does.Contain("Pod is not synced."));
        Assert.That(body, Does.Not.Contain("sesame"));
    }

    [Test]
    public async Task Details_are_for_others_with_the_key_whatever_they_say_of_where_they_come_from()
    {
        if (OwnAddress() is not { } address)
        {
            Assert.Ignore("This machine has no address but localhost.");
            return;
        }
        await using var host = await Start(new() { Listen = new IPEndPoint(address, 0), HealthKey = new HealthKey("sesame") });
        host.Client.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");

        var refused = await host.Client.GetAsync("/health/detailed");
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(refused.Headers.WwwAuthenticate.ToString(), Is.EqualTo("X-Health-Key"));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("X-Health-Key").And.Not.Contain("sesame"));

        host.Client.DefaultRequestHeaders.Add("X-Health-Key", "sesame");
        Assert.That((await host.Client.GetAsync("/health/detailed")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_configuration_with_problems_keeps_the_host_up_and_control_out()
    {
        var options = RunningHost.LocalOptions.WithProblem("The kubeconfig /etc/kube names no current context: write one.");
        await using var host = await Start(options);

        Assert.That(host.App.Services.GetServices<IHealthReport>(), Has.No.Member(_report));
        Assert.That((await host.Client.GetAsync("/healthz")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var ready = await host.Client.GetAsync("/readyz");
        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await ready.Content.ReadAsStringAsync(), Does.StartWith("[-]configuration: The kubeconfig /etc/kube names no current context: write one.\n"));
    }

    private static IPAddress? OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));

    private Task<RunningHost> Start(ControllerOptions options) =>
        RunningHost.StartAsync(options, services => services.AddSingleton<IHealthReport>(_report));
}
