namespace RolloutController.Hosting.Options;

/// <summary>Reads the metric providers: the one that <c>--prometheus</c> sets up, and those that the file names.</summary>
internal sealed class ProviderReader(IConfigurationSection named, Func<Setting, string?> text, List<string> problems)
{
    /// <summary>The providers; the first is the default where no other is marked.</summary>
    public IReadOnlyList<MetricProviderOptions> Read()
    {
        var providers = new List<MetricProviderOptions>();
        if (ReadProvider(MetricProviderOptions.PrometheusName, Prometheus) is { } prometheus)
            providers.Add(prometheus);
        foreach (var section in named.GetChildren())
        {
            if (section["Address"] is null or "")
                problems.Add($"{Settings.OfProvider(section.Key, "Address")} is missing: write the provider's address, such as http://prometheus.monitoring:9090.");
            if (ReadProvider(section.Key, field => section[field]) is { } provider)
                providers.Add(provider);
        }
        if (providers is [var first, ..] && (providers.Count == 1 || first.Name == MetricProviderOptions.PrometheusName) && !providers.Any(provider => provider.IsDefault))
            providers[0] = first with { IsDefault = true };
        return providers;
    }

    private string? Prometheus(string field) =>
        Settings.All.FirstOrDefault(setting => setting.Key == $"Prometheus:{field}") is { } setting ? text(setting) : null;

    private MetricProviderOptions? ReadProvider(string name, Func<string, string?> valueOf)
    {
        string? Field(string field) => valueOf(field) is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

        if (Field("Address") is not { } written)
            return null;
        if (!MetricProviderOptions.IsAddress(written, out var address))
        {
            // Not repeated in the message: it may hold a password.
            problems.Add($"{Settings.OfProvider(name, "Address")} is no http or https address without user, password and query: write one such as http://prometheus.monitoring:9090.");
            return null;
        }
        var options = new MetricProviderOptions
        {
            Name = name,
            Address = address!,
            BearerTokenFile = Field("BearerTokenFile"),
            Username = Field("Username"),
            PasswordFile = Field("PasswordFile"),
            TenantId = Field("TenantId"),
            CertificateAuthorityFile = Field("CertificateAuthorityFile"),
            ClientCertificateFile = Field("ClientCertificateFile"),
            ClientKeyFile = Field("ClientKeyFile"),
            NamespaceLabel = Field("NamespaceLabel"),
            IsDefault = bool.TryParse(Field("Default"), out var isDefault) && isDefault,
        };
        return Field("Preset") is { } preset ? options with { Preset = preset } : options;
    }
}
