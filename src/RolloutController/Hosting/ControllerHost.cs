using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RolloutController.Control;
using RolloutController.Control.Health;
using RolloutController.Hosting.Health;
using RolloutController.Hosting.Logging;
using RolloutController.Hosting.Metrics;
using RolloutController.Hosting.Options;
using RolloutController.Hosting.Page;
using RolloutController.Hosting.Tracing;

namespace RolloutController.Hosting;

/// <summary>
/// The process around the controller: HTTP, health, metrics, the page and logs. Kestrel starts when every <c>StartAsync</c> has returned, so no
/// hosted service may wait in it for a cache; and it stops first of all, so what drains does so in
/// <see cref="IHostedLifecycleService.StoppingAsync"/>, while probes are still answered.
/// </summary>
public static class ControllerHost
{
    /// <summary>How long draining may take; a pod's <c>terminationGracePeriodSeconds</c> is to be longer.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(25);

    /// <summary>Runs until SIGTERM, SIGINT or cancellation.</summary>
    /// <param name="options">The options. While they have problems the host only says so, on <c>/readyz</c> and in the log.</param>
    /// <param name="addControl">Adds the controller's services, its <see cref="IHealthReport"/>s among them; not called while the options have problems.</param>
    /// <param name="cancellationToken">Ends it as a signal does.</param>
    /// <returns>The exit code: 0 when it was asked to stop, 1 when the work or a background service failed, the lease was lost, or the port is not to be had.</returns>
    public static async Task<int> RunAsync(ControllerOptions options, Action<WebApplicationBuilder, ControllerOptions>? addControl, CancellationToken cancellationToken)
    {
        await using var app = Build(options, addControl);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ControllerHost).FullName!);
        Introduce(logger, options);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or IOException { InnerException: AddressInUseException })
        {
            logger.LogCritical("Cannot listen on {Address}: {Reason}. Free the port, or set {Setting}", options.Listen, exception.Message.TrimEnd('.'), Settings.Listen);
            return 1;
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it started: what had started by then is to stop as it always does.
            await app.StopAsync(CancellationToken.None);
            return HasFailed(app) ? 1 : 0;
        }
        logger.LogInformation("{What} are at {Address}", options.Page ? "The page, health and metrics" : "Health and metrics", string.Join(", ", app.Urls));
        await app.WaitForShutdownAsync(cancellationToken);
        return HasFailed(app) ? 1 : 0;
    }

    /// <summary>Puts the host together without starting it.</summary>
    internal static WebApplication Build(ControllerOptions options, Action<WebApplicationBuilder, ControllerOptions>? addControl)
    {
        // Listening comes first: an instrument that counts up and down is wrong for ever by what was not heard.
        var collector = new MetricCollector(MetricTable.All);
        // Empty, since the defaults bring a second set of settings (appsettings.json, ASPNETCORE_HTTP_PORTS) with other meanings.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "RolloutController" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => Configure(server, options));
        ConsoleLogging.Use(builder.Logging, options);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        // By a factory, so that the container disposes of it.
        builder.Services.AddSingleton(_ => collector);
        if (options.Traces)
            builder.Services.AddSingleton<TraceExport>();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IHealthReport, HostReport>();
        if (options.Page)
            PageEndpoints.Add(builder.Services);
        if (options.Problems().Count == 0)
            addControl?.Invoke(builder, options);
        var app = builder.Build();
        if (options.Traces)
            app.Services.GetRequiredService<TraceExport>();
        Map(app, options);
        return app;
    }

    private static void Configure(KestrelServerOptions server, ControllerOptions options)
    {
        server.AddServerHeader = false;
        server.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        server.Limits.MaxRequestBodySize = 1024 * 1024;
        server.Listen(options.Listen);
    }

    private static void Map(WebApplication app, ControllerOptions options)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        RequestId.Use(app, time);
        SecurityHeaders.Use(app);
        new HealthEndpoints([.. app.Services.GetServices<IHealthReport>()], options, time).Map(app);
        MetricsEndpoint.Map(app, app.Services.GetRequiredService<MetricCollector>());
        if (options.Page)
            PageEndpoints.Map(app, options);
    }

    private static void Introduce(ILogger logger, ControllerOptions options)
    {
        logger.LogInformation("Rollout {Version} (commit {Commit}) starts", BuildVersion.Version, BuildVersion.Revision);
        var problems = options.Problems();
        foreach (var problem in problems)
            logger.LogError("The configuration is not usable: {Problem}", problem);
        if (problems.Count > 0)
            logger.LogError("The controller stays up, not ready, and touches nothing until it is started with a configuration that is");
        else if (options.Providers.Count == 0)
            logger.LogWarning("No Prometheus is configured ({Setting}): Rollouts whose analysis needs metrics are refused as Invalid, all others work", Settings.PrometheusAddress);
        if (options.Traces)
            logger.LogInformation("Traces of rollouts are sent by OTLP, as the environment says");
        if (!options.LeaderElection)
            logger.LogWarning("Leader election is off: run no second replica");
    }

    // The host ends when a background service throws or the lease is lost, and by itself would report success.
    private static bool HasFailed(WebApplication app) => app.Services.GetService<ControlService>() is { HasFailed: true }
        || app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(service => service.ExecuteTask is { IsFaulted: true });
}
