using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;
using RolloutController.Hosting;

namespace RolloutController.Tests.Hosting;

public class ControllerHostTests
{
    [Test]
    public async Task It_answers_while_caches_sync()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions, services => services.AddHostedService<NeverSynced>());

        Assert.That((await host.Client.GetAsync("/healthz")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task Cancelled_it_drains_with_probes_answered_and_ends_well(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Draining? draining = null;
        var exit = ControllerHost.RunAsync(RunningHost.LocalOptions, (builder, _) => builder.Services.AddHostedService(services => draining = new Draining(services, stop)), stop.Token);

        Assert.That(await exit, Is.Zero);
        Assert.That(draining!.Liveness, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(draining.Readiness, Does.Contain("[-]shutdown: The controller is stopping."));
    }

    [Test]
    public async Task A_background_service_that_fails_ends_it_with_an_error()
    {
        var exit = await ControllerHost.RunAsync(RunningHost.LocalOptions, (builder, _) => builder.Services.AddHostedService<Failing>(), CancellationToken.None);

        Assert.That(exit, Is.EqualTo(1));
    }

    [Test]
    public async Task A_port_in_use_ends_it_with_an_error()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var exit = await ControllerHost.RunAsync(RunningHost.LocalOptions with { Listen = (IPEndPoint)taken.LocalEndpoint }, null, CancellationToken.None);

        Assert.That(exit, Is.EqualTo(1));
    }

    [Test]
    public async Task It_does_not_say_what_serves()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);

        Assert.That((await host.Client.GetAsync("/healthz")).Headers.Server, Is.Empty);
    }

    private sealed class NeverSynced : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stoppingToken);
    }

    private sealed class Failing : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => throw new InvalidOperationException("The lease was lost.");
    }

    /// <summary>Stops the host once it serves, and asks it while it drains.</summary>
    private sealed class Draining(IServiceProvider services, CancellationTokenSource stop) : IHostedLifecycleService
    {
        public HttpStatusCode Liveness { get; private set; }

        public string Readiness { get; private set; } = "";

        public async Task StoppingAsync(CancellationToken cancellationToken)
        {
            var address = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            Liveness = (await client.GetAsync("/healthz", cancellationToken)).StatusCode;
            Readiness = await (await client.GetAsync("/readyz", cancellationToken)).Content.ReadAsStringAsync(cancellationToken);
        }

        public Task StartedAsync(CancellationToken cancellationToken) => stop.CancelAsync();

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
