using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>Who can be asked about versions: all set up by the operator. A Rollout names them; it never brings an address.</summary>
/// <param name="Metrics">Where metrics are read.</param>
/// <param name="Logs">Where log lines are counted.</param>
/// <param name="Hooks">Who is asked whether a version may go on.</param>
public sealed record Providers(MetricProviders Metrics, Named<ILogProvider> Logs, Named<Hook> Hooks)
{
    /// <summary>Nobody: Rollouts that need somebody are refused.</summary>
    public static Providers None { get; } = new(MetricProviders.None, new([], null), new([], null));

    /// <summary>What is wrong with what a spec asks of them.</summary>
    public IEnumerable<Problem> Problems(RolloutSpec spec) => Metrics.Problems(spec)
        .Concat(SelectorProblems.All(spec).SelectMany(one => one switch
        {
            { Check.Logs: { } logs } => Of(logs, $"{one.Field}.logs", spec),
            { Check.Hook: { } hook } => Hooks.Missing(hook.Name, $"{one.Field}.hook.name", EventReason.HookNotFound, "hook", "Rollout:Hooks"),
            _ => [],
        }));

    private IEnumerable<Problem> Of(LogsCheckSpec logs, string field, RolloutSpec spec) =>
        Logs.Missing(logs.Provider, $"{field}.provider", EventReason.ProviderNotFound, "provider of logs", "Rollout:Providers").Concat(SelectorProblems.Of(logs, field, spec));
}

/// <summary>What the operator set up, by name.</summary>
/// <param name="all">All there are.</param>
/// <param name="defaultName">The one that is taken where a Rollout names none; null where there is none.</param>
public sealed class Named<T>(Dictionary<string, T> all, string? defaultName)
    where T : class
{
    /// <summary>The one of a name; null where there is none.</summary>
    /// <param name="name">The name; null for the default.</param>
    public T? Find(string? name) => (name ?? defaultName) is { } asked ? all.GetValueOrDefault(asked) : null;

    /// <summary>What to say where there is none of a name.</summary>
    internal IEnumerable<Problem> Missing(string? name, string field, EventReason reason, string what, string section)
    {
        if (Find(name) is not null)
            yield break;
        var known = all.Count == 0 ? $"none is configured; the operator adds one under {section}" : $"configured are: {string.Join(", ", all.Keys.Order(StringComparer.Ordinal))}";
        yield return new Problem(reason, field, name is null ? $"there is no default {what}; {known}" : $"there is no {what} '{name}'; {known}");
    }
}
