using System.CommandLine;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Clusters;

/// <summary>The options of kubectl that say which cluster, as whom, and where in it.</summary>
internal static class ClusterOptions
{
    /// <summary>How the field manager of what the command line writes is called.</summary>
    public const string FieldManager = "kubectl-rollouts";

    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { HelpName = "FILE", Description = "The kubeconfig. Without: KUBECONFIG, then ~/.kube/config." };
    private static readonly Option<string> Context = new("--context") { HelpName = "NAME", Description = "The context in the kubeconfig. Without: its current one." };
    private static readonly Option<string> Namespace = new("--namespace", "-n") { HelpName = "NS", Description = "The namespace. Without: that of the context." };

    /// <summary>Adds them to a command.</summary>
    public static void AddTo(Command command)
    {
        command.Add(Namespace);
        command.Add(Context);
        command.Add(Kubeconfig);
    }

    /// <summary>Connects to the cluster that a command line names.</summary>
    /// <exception cref="KubernetesConfigurationException">None is configured.</exception>
    public static ClusterAccess Connect(ParseResult parsed, TimeProvider clock)
    {
        var configuration = new KubernetesConfigurationLoader(clock).Load(parsed.GetValue(Kubeconfig), parsed.GetValue(Context));
        var client = new KubernetesClient(configuration, new KubernetesClientOptions { FieldManager = FieldManager }, clock);
        return new ClusterAccess(client, parsed.GetValue(Namespace) ?? configuration.Namespace, parsed.GetValue(Namespace), configuration.Origin);
    }
}

/// <summary>A cluster that a command asks.</summary>
/// <param name="Client">Asks it.</param>
/// <param name="Namespace">The namespace of what names none.</param>
/// <param name="NamedNamespace">The namespace that the command line names; null where that of the context holds.</param>
/// <param name="Origin">Where it is configured, for messages.</param>
internal sealed record ClusterAccess(KubernetesClient Client, string Namespace, string? NamedNamespace, string Origin) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Client.Dispose();
}
