namespace RolloutController.Analysis.Metrics;

/// <summary>A Prometheus, or a back end that speaks its query API (Thanos, Mimir, VictoriaMetrics), as the operator sets it up.</summary>
/// <remarks>Holds the paths of secrets, never secrets: files are read for each query, so that rotated ones work at once.</remarks>
/// <param name="Name">The name that Rollouts use in <c>analysis.provider</c>; a DNS label.</param>
/// <param name="Address">Where the API is, with the path before <c>/api/v1</c> if there is one: <c>http://mimir/prometheus</c>.</param>
public sealed record PrometheusOptions(string Name, Uri Address)
{
    /// <summary>A file with a bearer token.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>The user of basic authentication; together with <see cref="PasswordFile"/>.</summary>
    public string? Username { get; init; }

    /// <summary>A file with the password of basic authentication.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The tenant, sent as <c>X-Scope-OrgID</c> (Mimir, Cortex).</summary>
    public string? TenantId { get; init; }

    /// <summary>A PEM file with the authorities that may have signed the server's certificate; the system's when left out.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>
    /// A label that every query must hold to the Rollout's namespace, such as <c>namespace</c>: then nobody reads what
    /// other namespaces measure. Left out, users' selectors are asked as they are.
    /// </summary>
    public string? NamespaceLabel { get; init; }

    /// <summary>The selectors of Rollouts that bring none: one of <see cref="Presets.Names"/>, <see cref="Presets.Default"/> when left out.</summary>
    public string? Preset { get; init; }

    /// <summary>Whether Rollouts that name no provider use this one.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Says what is wrong with the options, or nothing.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https") || Address.UserInfo.Length > 0 || Address.Query.Length > 0)
            yield return $"Metric provider {Name}: the address must be an http or https URL without user, password and query.";
        if (Username is null != PasswordFile is null)
            yield return $"Metric provider {Name}: basic authentication needs a user name and a password file.";
        if (BearerTokenFile is not null && Username is not null)
            yield return $"Metric provider {Name}: set a bearer token or basic authentication, not both.";
        if (NamespaceLabel is not null && !SelectorParser.IsName(NamespaceLabel, allowColon: false))
            yield return $"Metric provider {Name}: the namespace label is not a label's name.";
        if (Preset is not null && !Presets.Names.Contains(Preset))
            yield return $"Metric provider {Name}: {Presets.Refusal(Preset)}";
    }
}
