using System.CommandLine;
using System.Diagnostics;
using RolloutController.Cli;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Cli;

/// <summary>What a command printed, and how it ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    /// <summary>Runs a command against the test cluster.</summary>
    public static Task<CommandRun> RunAsync(string @namespace, CancellationToken cancellationToken, params string[] arguments) =>
        RunAsAsync(Administrator, @namespace, cancellationToken, arguments);

    /// <summary>Runs a command as the user of a kubeconfig.</summary>
    public static Task<CommandRun> RunAsAsync(string kubeconfig, string @namespace, CancellationToken cancellationToken, params string[] arguments) =>
        InvokeAsync(InCluster(kubeconfig, @namespace, arguments), cancellationToken);

    /// <summary>Runs a command: in this process, or where there is a published executable, by that.</summary>
    public static async Task<CommandRun> InvokeAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (Executable.Published is not null)
            return await StartAsync(cancellationToken, arguments);
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, cancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs the executable, against the test cluster.</summary>
    public static async Task<CommandRun> ExecuteAsync(string @namespace, CancellationToken cancellationToken, params string[] arguments) =>
        await StartAsync(cancellationToken, InCluster(Administrator, @namespace, arguments));

    /// <summary>Runs the executable.</summary>
    public static Task<CommandRun> StartAsync(CancellationToken cancellationToken, params string[] arguments) => StartAsAsync(null, cancellationToken, arguments);

    /// <summary>Runs the executable with <c>KUBECONFIG</c>; null for without.</summary>
    public static Task<CommandRun> StartAsAsync(string? kubeconfig, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = Executable.Start(arguments);
        start.Environment["KUBECONFIG"] = kubeconfig;
        return StartAsync(start, cancellationToken);
    }

    /// <summary>Runs an executable to its end. Cancelled it is asked to end (SIGTERM), so that it has its say, as a command of this process has.</summary>
    public static async Task<CommandRun> StartAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        await using var end = cancellationToken.Register(() => ProcessSignal.Terminate.Send(process.Id));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return new CommandRun(process.ExitCode, await output, await error);
    }

    private static string Administrator => Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!;

    private static string[] InCluster(string kubeconfig, string @namespace, string[] arguments) => [.. arguments, "--kubeconfig", kubeconfig, "-n", @namespace];
}
