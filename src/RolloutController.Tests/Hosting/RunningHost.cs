using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RolloutController.Control.Health;
using RolloutController.Hosting;
using RolloutController.Hosting.Options;

namespace RolloutController.Tests.Hosting;

/// <summary>A host on a free port of localhost, with a client for it.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private RunningHost(WebApplication app)
    {
        App = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public static ControllerOptions LocalOptions { get; } = new() { Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public static async Task<RunningHost> StartAsync(ControllerOptions options, Action<IServiceCollection>? addServices = null)
    {
        var app = ControllerHost.Build(options, (builder, _) => addServices?.Invoke(builder.Services));
        await app.StartAsync();
        return new RunningHost(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

/// <summary>A report that says what a test wants.</summary>
internal sealed class FakeReport : IHealthReport
{
    public IReadOnlyList<HealthCheck> LiveChecks { get; set; } = [];

    public IReadOnlyList<HealthCheck> ReadyChecks { get; set; } = [];

    public Dictionary<string, string> Facts { get; } = [];

    public IReadOnlyList<HealthCheck> Live() => LiveChecks;

    public IReadOnlyList<HealthCheck> Ready() => ReadyChecks;

    public IReadOnlyDictionary<string, string> Details() => Facts;
}
