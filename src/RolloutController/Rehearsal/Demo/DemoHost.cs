using RolloutController.Control;
using RolloutController.Control.Health;
using RolloutController.Hosting.Page;
using RolloutController.Rehearsal.Stages;

namespace RolloutController.Rehearsal.Demo;

/// <summary>Puts the demo into the host in place of a controller of a real cluster.</summary>
internal static class DemoHost
{
    /// <summary>Adds the demo's services.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="seed">What chance is drawn from.</param>
    public static void Add(WebApplicationBuilder builder, int seed)
    {
        var services = builder.Services;
        services.AddSingleton(provider => new DemoWorld(provider.GetRequiredService<TimeProvider>(), seed, provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(Controller);
        services.AddSingleton<IHealthReport>(provider => provider.GetRequiredService<ControlService>());
        services.AddSingleton<IPageActions>(provider =>
        {
            var (world, clock) = (provider.GetRequiredService<DemoWorld>(), provider.GetRequiredService<TimeProvider>());
            var client = RehearsedController.Client(world.Stage.Cluster, Random.Shared, provider.GetRequiredService<ILoggerFactory>());
            return new DemoActions(world, new RolloutActions(() => client, clock));
        });
        services.AddHostedService(provider => provider.GetRequiredService<ControlService>());
        services.AddHostedService(provider => new DemoService(provider.GetRequiredService<DemoWorld>(), provider.GetRequiredService<TimeProvider>()));
    }

    private static ControlService Controller(IServiceProvider provider)
    {
        var controller = provider.GetRequiredService<DemoWorld>().Stage.Controller;
        if (provider.GetService<RolloutFeed>() is { } feed)
            controller.CachesMade += feed.Follow;
        return controller;
    }
}
