using System.CommandLine;
using System.CommandLine.Completions;
using System.Runtime.InteropServices;
using RolloutController.Cli.Output;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Clusters;

/// <summary>What the commands that ask a cluster have in common: its options, a Rollout's name, and how failures are told.</summary>
internal static class ClusterCommand
{
    /// <summary>How long the names of Rollouts may take while somebody presses Tab.</summary>
    private static readonly TimeSpan CompletionTime = TimeSpan.FromSeconds(2);

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="run">Does it, and gives back the exit code.</param>
    /// <param name="symbols">Its own arguments and options.</param>
    public static Command Create(string name, string description, Func<CommandContext, Task<int>> run, params IEnumerable<Symbol> symbols)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }

        ClusterOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, run, cancellationToken));
        return command;
    }

    /// <summary>The argument that names a Rollout.</summary>
    public static Argument<string> Rollout()
    {
        // Without a name of its own, help lists what could be completed, and asks the cluster for it.
        var argument = new Argument<string>("ROLLOUT") { HelpName = "ROLLOUT", Description = "The Rollout, as shop or rollout/shop." };
        argument.CompletionSources.Add(Names);
        return argument;
    }

    /// <summary>The names of the Rollouts, for completion; none where they cannot be had at once.</summary>
    public static IEnumerable<CompletionItem> Names(CompletionContext context)
    {
        using var limit = new CancellationTokenSource(CompletionTime, TimeProvider.System);
        try
        {
            using var cluster = ClusterOptions.Connect(context.ParseResult, TimeProvider.System);
            // The library asks for completions synchronously, in a process that does nothing else.
            var list = Task.Run(() => cluster.Client.ListAsync(RolloutObject.Kind, cluster.Namespace, new ListOptions(), limit.Token), limit.Token).GetAwaiter().GetResult();
            return [.. list.Items.Select(rollout => new CompletionItem(rollout.Metadata.Name))];
        }
        catch (Exception exception) when (ClusterTrouble.Tell(exception) is not null || exception is OperationCanceledException)
        {
            return [];
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, Task<int>> run, CancellationToken cancellationToken)
    {
        // Nobody else handles signals here: a process that ends by one would leave a terminal without its cursor.
        using var interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            using var cluster = ClusterOptions.Connect(parsed, TimeProvider.System);
            return await run(new CommandContext(parsed, cluster, Screen.Of(parsed), TimeProvider.System, interrupted.Token));
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (CommandException exception)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(exception.Message);
            return exception.ExitCode;
        }
        catch (Exception exception) when (ClusterTrouble.Tell(exception) is { } message)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(message);
            return ExitCodes.Failed;
        }

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            interrupted.Cancel();
        }
    }
}

/// <summary>What a command that asks a cluster works with.</summary>
/// <param name="Parsed">The command line.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Screen">Where it writes.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Cancellation">Ends it.</param>
internal sealed record CommandContext(ParseResult Parsed, ClusterAccess Cluster, Screen Screen, TimeProvider Clock, CancellationToken Cancellation)
{
    private static readonly string[] Prefixes = ["rollout/", "rollouts/", "rollout.rollouts.dev/", "rollouts.rollouts.dev/"];

    /// <summary>Asks the cluster.</summary>
    public IKubernetesClient Client => Cluster.Client;

    /// <summary>The key of a Rollout as it is named on the command line.</summary>
    public ObjectKey Key(string name)
    {
        var prefix = Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) ?? "";
        return new ObjectKey(Cluster.Namespace, name[prefix.Length..]);
    }

    /// <summary>A command for the same Rollout in the same place, for hints.</summary>
    public string Hint(string command, ObjectKey rollout) =>
        $"{ProgramName.Current} {command.Replace("{}", rollout.Name, StringComparison.Ordinal)}{(Cluster.NamedNamespace is { } space ? $" -n {space}" : "")}";
}
