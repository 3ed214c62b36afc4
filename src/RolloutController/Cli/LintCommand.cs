using System.CommandLine;
using RolloutController.Cli.Clusters;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Linting;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli;

/// <summary>The command <c>lint</c>: what is wrong with manifests, without a cluster or beside the objects of one.</summary>
internal static class LintCommand
{
    private const int Wrong = 2;

    private static readonly Option<string[]> Files = new("--file", "-f") { HelpName = "FILE", Required = true, Description = "Manifests: Rollouts, and the Services, routes and Deployments beside them. A file, a folder, or - for standard input; may be given several times." };
    private static readonly Option<bool> Strict = new("--strict") { Description = "Exit with 1 where there are warnings." };
    private static readonly Option<bool> InCluster = new("--cluster") { Description = "Look at the objects of a cluster, too, and ask its API server for dry runs. Nothing there is changed." };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { HelpName = "FILE", Description = "With --cluster, the kubeconfig. Without: KUBECONFIG, then ~/.kube/config." };
    private static readonly Option<string> Context = new("--context") { HelpName = "NAME", Description = "With --cluster, the context in the kubeconfig. Without: its current one." };
    private static readonly Option<string> Namespace = new("--namespace", "-n") { HelpName = "NS", Description = "With --cluster, the namespace of manifests that name none. Without: that of the context." };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("lint", "Finds what is wrong with Rollouts before they meet a cluster. Exits with 2 where one cannot be carried out.") { Files, Strict, InCluster, Kubeconfig, Context, Namespace };
        command.Validators.Add(result =>
        {
            if (!result.GetValue(InCluster) && new Option<string>[] { Kubeconfig, Context, Namespace }.FirstOrDefault(option => result.GetValue(option) is not null) is { } alone)
                result.AddError($"{alone.Name} is for looking at a cluster: write --cluster, too.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        try
        {
            var manifests = ManifestReader.Read(parsed.GetValue(Files)!, Console.In);
            var findings = parsed.GetValue(InCluster) ? await LintAsync(manifests, parsed, cancellationToken) : Linter.Lint(manifests);
            foreach (var finding in findings)
                await output.WriteLineAsync(finding.ToString());
            if (findings.Count == 0)
                await output.WriteLineAsync(RehearsalInput.Rollouts(manifests) is [var only] ? $"{only}: nothing is wrong" : $"{RehearsalInput.Rollouts(manifests).Count} Rollouts: nothing is wrong");
            return findings.Any(finding => !finding.IsWarning) ? Wrong : findings.Count > 0 && parsed.GetValue(Strict) ? 1 : 0;
        }
        catch (ManifestException exception)
        {
            await error.WriteLineAsync(exception.Message);
            return Wrong;
        }
        catch (Exception exception) when (ClusterTrouble.Tell(exception) is { } message)
        {
            await error.WriteLineAsync(message);
            return Wrong;
        }
    }

    private static async Task<IReadOnlyList<Finding>> LintAsync(IReadOnlyList<Manifest> manifests, ParseResult parsed, CancellationToken cancellationToken)
    {
        var configuration = new KubernetesConfigurationLoader(TimeProvider.System).Load(parsed.GetValue(Kubeconfig), parsed.GetValue(Context));
        using var client = new KubernetesClient(configuration, new KubernetesClientOptions { FieldManager = "rollout-lint" }, TimeProvider.System);
        var placed = RehearsalInput.In(parsed.GetValue(Namespace) ?? configuration.Namespace, manifests);
        return await new ClusterLinter(client, TimeProvider.System).LintAsync(placed, cancellationToken);
    }
}
