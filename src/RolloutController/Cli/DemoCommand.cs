using System.CommandLine;
using System.Net;
using RolloutController.Cli.Output;
using RolloutController.Hosting;
using RolloutController.Hosting.Options;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Demo;

namespace RolloutController.Cli;

/// <summary>The command <c>demo</c>: good and bad versions of a sample shop on a cluster inside this process, in real time, with a page to look at.</summary>
internal static class DemoCommand
{
    private static readonly Option<string> Listen = new("--listen") { HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:8080", Description = "Where the page is served, on loopback. Without: 127.0.0.1:8080." };
    private static readonly Option<string> Kubeconfig = new("--write-kubeconfig") { HelpName = "FILE", Description = "Serve the cluster on a loopback port, too, and write a kubeconfig for kubectl there." };
    private static readonly Option<int> Seed = new("--seed") { HelpName = "N", DefaultValueFactory = _ => 1, Description = "What chance is drawn from. Without: 1." };

    static DemoCommand() => Listen.Validators.Add(result =>
    {
        if (!ListenAddress.TryParse(result.GetValueOrDefault<string>() ?? "", out var address))
            result.AddError($"{Listen.Name}: {ListenAddress.Hint}.");
        else if (!IPAddress.IsLoopback(address.Address))
            result.AddError($"{Listen.Name}: the demo has buttons for everybody who reaches it; write a loopback address such as 127.0.0.1:8080.");
    });

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("demo", "Shows rollouts and rollbacks of a sample shop on a cluster inside this process, with a page at http://127.0.0.1:8080.") { Listen, Kubeconfig, Seed };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        if (!ListenAddress.TryParse(parsed.GetValue(Listen)!, out var address))
            throw new InvalidOperationException("The command line was checked.");
        // What goes wrong is on the page and the screen; the log would tear the picture.
        var options = new ControllerOptions { Listen = address, LogLevel = LogLevel.Critical, LeaderElection = false };
        return await ControllerHost.RunAsync(options, (builder, _) =>
        {
            DemoHost.Add(builder, parsed.GetValue(Seed));
            builder.Services.AddHostedService(services => new DemoScreen(services.GetRequiredService<DemoWorld>(), $"http://{address}", services.GetRequiredService<TimeProvider>(), Screen.Of(Console.Out).Console));
            if (parsed.GetValue(Kubeconfig) is { } file)
                builder.Services.AddHostedService(services => new DemoCluster(services.GetRequiredService<DemoWorld>(), file));
        }, cancellationToken);
    }
}

/// <summary>Serves the demo's cluster to kubectl.</summary>
internal sealed class DemoCluster(DemoWorld world, string kubeconfig) : IHostedService
{
    private LoopbackServer? _server;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var token = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        _server = await LoopbackServer.StartAsync(new ApiServer(world.Stage.Cluster, new Access(world.Stage.Cluster, token)), port: 0, cancellationToken);
        var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        // The token in it opens the cluster, if only for as long as the demo runs.
        if (!OperatingSystem.IsWindows())
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(kubeconfig, file);
        await using var writer = new StreamWriter(stream);
        await writer.WriteAsync(_server.Kubeconfig(token));
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
