using System.CommandLine;
using RolloutController.Rehearsal.Linting;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli;

/// <summary>The command <c>lint</c>: what is wrong with manifests, without a cluster.</summary>
internal static class LintCommand
{
    private const int Wrong = 2;

    private static readonly Option<string[]> Files = new("--file", "-f") { HelpName = "FILE", Required = true, Description = "Manifests: Rollouts, and the Services, routes and Deployments beside them. A file, a folder, or - for standard input; may be given several times." };
    private static readonly Option<bool> Strict = new("--strict") { Description = "Exit with 1 where there are warnings." };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("lint", "Finds what is wrong with Rollouts before they meet a cluster. Exits with 2 where one cannot be carried out.") { Files, Strict };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        try
        {
            var manifests = ManifestReader.Read(parsed.GetValue(Files)!, Console.In);
            var findings = Linter.Lint(manifests);
            foreach (var finding in findings)
                output.WriteLine(finding);
            if (findings.Count == 0)
                output.WriteLine(RehearsalInput.Rollouts(manifests) is [var only] ? $"{only}: nothing is wrong" : $"{RehearsalInput.Rollouts(manifests).Count} Rollouts: nothing is wrong");
            return findings.Any(finding => !finding.IsWarning) ? Wrong : findings.Count > 0 && parsed.GetValue(Strict) ? 1 : 0;
        }
        catch (ManifestException exception)
        {
            error.WriteLine(exception.Message);
            return Wrong;
        }
    }
}
