using System.Net;
using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Notifications;

namespace RolloutController.Hosting.Options;

/// <summary>How log lines are written.</summary>
public enum LogFormat
{
    /// <summary>One line for a person.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

/// <summary>
/// What an operator sets, by <c>appsettings.json</c> (section <c>Rollout</c>), environment (<c>ROLLOUT_...</c>) or command line; the
/// later of these wins. <see cref="Settings"/> has the names.
/// </summary>
public sealed record ControllerOptions
{
    /// <summary>The kubeconfig file; null for <c>$KUBECONFIG</c>, else the pod's service account, else <c>~/.kube/config</c>.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context in the kubeconfig; null for its current one.</summary>
    public string? Context { get; init; }

    /// <summary>The namespaces to look after; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Where metrics are asked, one of them the default; empty when analysis has nowhere to ask.</summary>
    public IReadOnlyList<MetricProviderOptions> Providers { get; init; } = [];

    /// <summary>Where log lines are counted.</summary>
    public IReadOnlyList<LokiOptions> Logs { get; init; } = [];

    /// <summary>Who is asked whether a version may go on.</summary>
    public IReadOnlyList<HookOptions> Hooks { get; init; } = [];

    /// <summary>Where people are told of what happens; empty when nobody is.</summary>
    public IReadOnlyList<SinkOptions> Notifications { get; init; } = [];

    /// <summary>Where health, metrics and the page are served; <c>0.0.0.0:8080</c>.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Any, 8080);

    /// <summary>How log lines are written.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>The least severe level that is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Whether replicas elect one that acts. Without, this one acts at once: run no second.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>The name of the Lease that replicas elect a leader by.</summary>
    public string LeaseName { get; init; } = "rollout-controller";

    /// <summary>The namespace of that Lease; null for the context's own.</summary>
    public string? LeaseNamespace { get; init; }

    /// <summary>What opens <c>/health/detailed</c> to callers from elsewhere; null when only localhost may look.</summary>
    public HealthKey? HealthKey { get; init; }

    /// <summary>Whether the web page is served beside health and metrics.</summary>
    public bool Page { get; init; } = true;

    /// <summary>Whether people can act by the page, with Kubernetes tokens of their own; without it the page only shows.</summary>
    public bool PageActions { get; init; }

    /// <summary>Whether the environment names a collector of traces.</summary>
    public bool Traces { get; init; }

    /// <summary>How many Rollouts are reconciled at the same time, 1 to 64.</summary>
    public int MaxConcurrentReconciles { get; init; } = 4;

    /// <summary>What could not be read while the options were put together.</summary>
    internal IReadOnlyList<string> Misread { get; init; } = [];

    /// <summary>The options with one more problem, found where they were to be used: a kubeconfig that does not parse, say.</summary>
    /// <param name="problem">A sentence for a person: what is wrong and what to write instead.</param>
    public ControllerOptions WithProblem(string problem) => this with { Misread = [.. Misread, problem] };

    /// <summary>
    /// What is wrong with the options, a sentence each. While there is anything, the controller stays up, not ready, and touches nothing:
    /// half a configuration is not what the operator meant.
    /// </summary>
    public IReadOnlyList<string> Problems() =>
        [.. Misread, .. NameProblems(), .. NumberProblems(), .. PageProblems(), .. ProviderProblems()];

    private IEnumerable<string> NameProblems()
    {
        foreach (var name in Namespaces.Where(name => !DnsName.IsLabel(name)))
            yield return $"{Settings.Namespaces} names \"{name}\", which no namespace can be called: write names of namespaces, separated by commas.";
        if (!DnsName.IsSubdomain(LeaseName))
            yield return $"{Settings.LeaseName} is \"{LeaseName}\", which no Lease can be called: write lower-case letters, digits, '-' and '.', such as rollout-controller.";
        if (LeaseNamespace is not null && !DnsName.IsLabel(LeaseNamespace))
            yield return $"{Settings.LeaseNamespace} is \"{LeaseNamespace}\", which no namespace can be called: write the name of the namespace that the controller runs in.";
    }

    private IEnumerable<string> PageProblems()
    {
        if (PageActions && !Page)
            yield return $"{Settings.PageActions} is set, but {Settings.Page} turns the page off that people would act by: leave one of them.";
    }

    private IEnumerable<string> NumberProblems()
    {
        if (MaxConcurrentReconciles is < 1 or > 64)
            yield return $"{Settings.MaxConcurrentReconciles} is {MaxConcurrentReconciles}: write a number from 1 to 64.";
    }

    private IEnumerable<string> ProviderProblems()
    {
        foreach (var name in Providers.GroupBy(provider => provider.Name).Where(group => group.Count() > 1).Select(group => group.Key))
            yield return $"There are two metric providers named \"{name}\": {Settings.PrometheusAddress} sets the one named \"{MetricProviderOptions.PrometheusName}\"; give the one under Rollout:Providers another name.";
        var defaults = Providers.Where(provider => provider.IsDefault).Select(provider => provider.Name).ToList();
        if (defaults.Count > 1)
            yield return $"The metric providers {string.Join(", ", defaults)} are all marked as the default: leave Default: true with one of them in Rollout:Providers.";
        if (defaults.Count == 0 && Providers.Count > 0)
            yield return "No metric provider is the default, for the Rollouts that name none: write Default: true with one of them in Rollout:Providers.";
        foreach (var problem in Providers.SelectMany(provider => provider.Problems()))
            yield return problem;
    }
}
