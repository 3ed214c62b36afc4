using RolloutController.Analysis.Metrics;

namespace RolloutController.Hosting.Options;

/// <summary>A Prometheus, or a back end that speaks its query API, as the operator sets it up. Holds the paths of secrets, never secrets.</summary>
public sealed record MetricProviderOptions
{
    /// <summary>The name of the provider that <c>--prometheus</c> sets up.</summary>
    public const string PrometheusName = "prometheus";

    /// <summary>The name that Rollouts use; a DNS label.</summary>
    public required string Name { get; init; }

    /// <summary>Where the API is, with the path before <c>/api/v1</c> if there is one.</summary>
    public required Uri Address { get; init; }

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

    /// <summary>A PEM file with the certificate that the controller shows; together with <see cref="ClientKeyFile"/>.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>A PEM file with the key of that certificate.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>The selectors of Rollouts that bring none; <c>plain</c> when left out.</summary>
    public string Preset { get; init; } = Presets.Default;

    /// <summary>A label that every query must hold to the Rollout's namespace; null to ask users' selectors as they are.</summary>
    public string? NamespaceLabel { get; init; }

    /// <summary>Whether Rollouts that name no provider use this one.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Whether a text is an address that a provider can have: http or https, with nothing secret or ambiguous in it.</summary>
    internal static bool IsAddress(string text, out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address)
        && address is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" } && address.Host.Length > 0;

    /// <summary>What is wrong, a sentence each.</summary>
    internal IEnumerable<string> Problems()
    {
        if (!DnsName.IsLabel(Name))
            yield return $"Rollout:Providers names a metric provider \"{Name}\": write lower-case letters, digits and '-'.";
        if (Username is null != PasswordFile is null)
            yield return $"{Setting("Username")} and {Setting("PasswordFile")} go together: set both for basic authentication, or neither.";
        if (BearerTokenFile is not null && Username is not null)
            yield return $"{Setting("BearerTokenFile")} and {Setting("Username")} are both set: authenticate by a bearer token or by name and password, not by both.";
        if (ClientCertificateFile is null != ClientKeyFile is null)
            yield return $"{Setting("ClientCertificateFile")} and {Setting("ClientKeyFile")} go together: set both for a client certificate, or neither.";
        if (!Presets.Names.Contains(Preset))
            yield return $"{Setting("Preset")} is \"{Preset}\", which is not there: write one of {string.Join(", ", Presets.Names)}.";
        if (NamespaceLabel is not null && !IsLabelName(NamespaceLabel))
            yield return $"{Setting("NamespaceLabel")} is \"{NamespaceLabel}\", which is no label's name: write the label that holds the namespace, such as namespace.";
        foreach (var (field, path) in Files().Where(file => file.Path is not null && !File.Exists(file.Path)))
            yield return $"{Setting(field)} names the file {path}, which is not there: mount it, or correct the path.";
    }

    private (string Field, string? Path)[] Files() =>
        [("BearerTokenFile", BearerTokenFile), ("PasswordFile", PasswordFile), ("CertificateAuthorityFile", CertificateAuthorityFile), ("ClientCertificateFile", ClientCertificateFile), ("ClientKeyFile", ClientKeyFile)];

    private string Setting(string field) => Settings.OfProvider(Name, field);

    // https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
    private static bool IsLabelName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');
}
