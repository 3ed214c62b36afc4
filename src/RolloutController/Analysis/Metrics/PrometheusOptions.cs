using RolloutController.Endpoints;

namespace RolloutController.Analysis.Metrics;

/// <summary>A Prometheus, or a back end that speaks its query API (Thanos, Mimir, VictoriaMetrics), as the operator sets it up.</summary>
/// <param name="Name">The name that Rollouts use in <c>analysis.provider</c>; a DNS label.</param>
/// <param name="Address">Where the API is, with the path before <c>/api/v1</c> if there is one: <c>http://mimir/prometheus</c>.</param>
public sealed record PrometheusOptions(string Name, Uri Address) : EndpointOptions(Name, Address)
{
    /// <summary>The tenant, sent as <c>X-Scope-OrgID</c> (Mimir, Cortex).</summary>
    public string? TenantId { get; init; }

    /// <summary>
    /// A label that every query must hold to the Rollout's namespace, such as <c>namespace</c>: then nobody reads what
    /// other namespaces measure. Left out, users' selectors are asked as they are.
    /// </summary>
    public string? NamespaceLabel { get; init; }

    /// <summary>The selectors of Rollouts that bring none: one of <see cref="Presets.Names"/>, <see cref="Presets.Default"/> when left out.</summary>
    public string? Preset { get; init; }

    /// <summary>Whether Rollouts that name no provider use this one.</summary>
    public bool IsDefault { get; init; }

    /// <inheritdoc/>
    protected override string Title => $"Metric provider {Name}";

    /// <inheritdoc/>
    public override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (NamespaceLabel is not null && !SelectorParser.IsName(NamespaceLabel, allowColon: false))
            yield return $"{Title}: the namespace label is not a label's name.";
        if (Preset is not null && !Presets.Names.Contains(Preset))
            yield return $"{Title}: {Presets.Refusal(Preset)}";
    }
}
