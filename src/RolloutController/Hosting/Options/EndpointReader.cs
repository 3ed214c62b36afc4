using RolloutController.Endpoints;

namespace RolloutController.Hosting.Options;

/// <summary>Reads the servers that a section of the file sets up, by name.</summary>
internal sealed class EndpointReader(IConfigurationSection named, List<string> problems)
{
    private static readonly string[] Files = ["BearerTokenFile", "PasswordFile", "CertificateAuthorityFile", "ClientCertificateFile", "ClientKeyFile"];

    /// <summary>The fields of every server.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["Address", "Username", .. Files];

    /// <summary>Reads them.</summary>
    /// <param name="make">Makes one of its name, its address and its own fields.</param>
    public IReadOnlyList<T> Read<T>(Func<string, Uri, Func<string, string?>, T> make)
        where T : EndpointOptions => [.. named.GetChildren().Select(section => Read(section, make)).OfType<T>()];

    private T? Read<T>(IConfigurationSection section, Func<string, Uri, Func<string, string?>, T> make)
        where T : EndpointOptions
    {
        var at = $"Rollout:{named.Key}:{section.Key}";
        if (!DnsName.IsLabel(section.Key))
            problems.Add($"Rollout:{named.Key} names \"{section.Key}\": write lower-case letters, digits and '-'.");
        if (Field("Address") is not { } written || !MetricProviderOptions.IsAddress(written, out var address))
        {
            // Not repeated in the message: it may hold a password.
            problems.Add($"{at}:Address in appsettings.json is no http or https address without user, password and query: write one such as https://approvals.example/rollouts.");
            return null;
        }

        // Every field that names a file, those of this kind of server alone included.
        foreach (var file in section.GetChildren().Where(child => child.Key.EndsWith("File", StringComparison.OrdinalIgnoreCase) && !File.Exists(Field(child.Key))))
            problems.Add($"{at}:{file.Key} in appsettings.json names the file {Field(file.Key)}, which is not there: mount it, or correct the path.");
        var options = make(section.Key, address!, Field) with
        {
            BearerTokenFile = Field("BearerTokenFile"),
            Username = Field("Username"),
            PasswordFile = Field("PasswordFile"),
            CertificateAuthorityFile = Field("CertificateAuthorityFile"),
            ClientCertificateFile = Field("ClientCertificateFile"),
            ClientKeyFile = Field("ClientKeyFile"),
        };
        problems.AddRange(options.Problems());
        return (T)options;

        string? Field(string field) => section[field] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
    }
}
