using System.CommandLine;
using RolloutController.Cli.Clusters;
using RolloutController.Cli.Output;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>The command <c>convert</c>: what others are steered by as a Rollout, with a list of what has no counterpart.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string[]> Objects = new("OBJECT")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Objects of the cluster: deployment/NAME, rollout.argoproj.io/NAME or canary/NAME, with the Services, routes and templates of analyses that belong to them.",
    };

    private static readonly Option<string[]> Files = new("--file", "-f")
    {
        HelpName = "FILE",
        Description = "Manifests: Deployments, Rollouts of Argo Rollouts or Canaries of Flagger, and the Services, routes and templates of analyses beside them. A file, a folder, or - for standard input; may be given several times.",
    };

    private static readonly Option<bool> Strict = new("--strict") { Description = "Exit with 1 where there is something to look at." };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("convert", "Prints Rollouts for Deployments, Rollouts of Argo Rollouts and Canaries of Flagger, of files or of the cluster, with a list of what has no counterpart.") { Objects, Files, Strict };
        ClusterOptions.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Objects) is not { Length: > 0 } && result.GetValue(Files) is not { Length: > 0 })
                result.AddError("Say what to convert: an object of the cluster, such as deployment/shop, or manifests with -f.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var error = parsed.InvocationConfiguration.Error;
        try
        {
            var manifests = await ReadAsync(parsed, cancellationToken);
            var conversions = Converter.Convert(manifests);
            if (conversions.Count == 0)
                throw new CommandException($"There is nothing to convert in it: give {Converter.Kinds}", ExitCodes.Usage);
            Write(parsed.InvocationConfiguration.Output, conversions);
            return parsed.GetValue(Strict) && conversions.Any(conversion => conversion.Notes.Count > 0) ? ExitCodes.Failed : ExitCodes.Done;
        }
        catch (ManifestException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return ExitCodes.Usage;
        }
        catch (CommandException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return exception.ExitCode;
        }
        catch (Exception exception) when (ClusterTrouble.Tell(exception) is { } message)
        {
            await error.WriteLineAsync(message);
            return ExitCodes.Failed;
        }
    }

    private static async Task<IReadOnlyList<Manifest>> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var manifests = ManifestReader.Read(parsed.GetValue(Files) ?? [], Console.In);
        var references = (parsed.GetValue(Objects) ?? []).Select(LiveReference.Parse).Distinct().ToList();
        if (references.Count == 0)
            return manifests;
        using var cluster = ClusterOptions.Connect(parsed, TimeProvider.System);
        var live = new LiveManifests(cluster.Client, cluster.Namespace);
        var all = manifests.ToList();
        foreach (var reference in references)
            all.AddRange(await live.ReadAsync(reference, cancellationToken));
        // Two Deployments of a namespace have the same Services beside them.
        return [.. all.DistinctBy(manifest => (manifest.ApiVersion, manifest.Kind, manifest.Namespace, manifest.Name))];
    }

    private static void Write(TextWriter output, IReadOnlyList<Conversion> conversions)
    {
        foreach (var (conversion, index) in conversions.Select((conversion, index) => (conversion, index)))
        {
            if (index > 0)
                output.WriteLine("---");
            Write(output, conversion);
        }
    }

    private static void Write(TextWriter output, Conversion conversion)
    {
        output.WriteLine($"# From {conversion.Source} ({conversion.Source.ApiVersion}), {conversion.Source.Where}");
        if (conversion.Notes.Count > 0)
            output.WriteLine("# To look at:");
        foreach (var note in conversion.Notes)
            output.WriteLine($"# - {note}");
        output.Write(YamlWriter.Write(conversion.Rollout));
    }
}
