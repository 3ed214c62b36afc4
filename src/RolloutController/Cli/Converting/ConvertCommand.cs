using System.CommandLine;
using RolloutController.Cli.Output;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>The command <c>convert</c>: what others are steered by as a Rollout, with a list of what has no counterpart.</summary>
internal static class ConvertCommand
{
    private static readonly Option<string[]> Files = new("--file", "-f")
    {
        HelpName = "FILE",
        Required = true,
        Description = "Manifests: Deployments, Rollouts of Argo Rollouts or Canaries of Flagger, and the Services and routes beside them. A file, a folder, or - for standard input; may be given several times.",
    };

    private static readonly Option<bool> Strict = new("--strict") { Description = "Exit with 1 where there is something to look at." };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("convert", "Prints Rollouts for Deployments, Rollouts of Argo Rollouts and Canaries of Flagger, with a list of what has no counterpart.") { Files, Strict };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        try
        {
            var conversions = Converter.Convert(ManifestReader.Read(parsed.GetValue(Files)!, Console.In));
            if (conversions.Count == 0)
                throw new CommandException($"There is nothing to convert in it: give {Converter.Kinds}. From a cluster: kubectl get deployment shop -o yaml | {ProgramName.Current} convert -f -");
            var output = parsed.InvocationConfiguration.Output;
            foreach (var (conversion, index) in conversions.Select((conversion, index) => (conversion, index)))
            {
                if (index > 0)
                    output.WriteLine("---");
                Write(output, conversion);
            }

            return parsed.GetValue(Strict) && conversions.Any(conversion => conversion.Notes.Count > 0) ? ExitCodes.Failed : ExitCodes.Done;
        }
        catch (Exception exception) when (exception is ManifestException or CommandException)
        {
            parsed.InvocationConfiguration.Error.WriteLine(exception.Message);
            return ExitCodes.Usage;
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
