using RolloutController.Notifications;
using RolloutController.Planning;

namespace RolloutController.Hosting.Options;

/// <summary>Reads the sinks of notifications. What is wrong with one is a problem that never repeats an address: it may be a secret.</summary>
internal sealed class SinkReader(IConfigurationSection named, List<string> problems)
{
    private static readonly string[] Files = ["UrlFile", "BearerTokenFile", "SigningKeyFile", "RoutingKeyFile", "CertificateAuthorityFile"];

    /// <summary>The sinks that can be used.</summary>
    public IReadOnlyList<SinkOptions> Read() => [.. named.GetChildren().Select(Sink).OfType<SinkOptions>()];

    private SinkOptions? Sink(IConfigurationSection section)
    {
        string? Field(string field) => section[field] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

        if (!DnsName.IsLabel(section.Key))
            problems.Add($"Rollout:Notifications names a sink \"{section.Key}\": write lower-case letters, digits and '-'.");
        if (Word<SinkKind>(section.Key, "Kind", Field("Kind")) is not { } kind)
            return null;
        FindMisfits(section.Key, kind, Field);
        return new SinkOptions(section.Key, kind)
        {
            Url = Address(section.Key, Field("Url")) ?? (kind == SinkKind.PagerDuty ? PagerDutyEvents.Address : null),
            UrlFile = Field("UrlFile"),
            Severity = Field("Severity") is { } severity ? Word<Severity>(section.Key, "Severity", severity) ?? default : Severity.P2,
            Namespaces = Namespaces(section),
            BearerTokenFile = Field("BearerTokenFile"),
            SigningKeyFile = Field("SigningKeyFile"),
            RoutingKeyFile = Field("RoutingKeyFile"),
            CertificateAuthorityFile = Field("CertificateAuthorityFile"),
        };
    }

    /// <summary>What is missing, what is there twice, what such a sink does not have, and files that are not there.</summary>
    private void FindMisfits(string sink, SinkKind kind, Func<string, string?> field)
    {
        if (field("Url") is not null && field("UrlFile") is not null)
            problems.Add($"{Setting(sink, "Url")} and {Setting(sink, "UrlFile")} are both set: leave one.");
        if (kind == SinkKind.Webhook && field("Url") is null && field("UrlFile") is null)
            problems.Add($"{Setting(sink, "Url")} is missing: write the address, or its file as UrlFile.");
        if (kind is SinkKind.Slack or SinkKind.Teams && field("UrlFile") is null)
            problems.Add($"{Setting(sink, "UrlFile")} is missing: mount a Secret with the address, by which anybody can post, and write the path of its file.");
        if (kind is SinkKind.Slack or SinkKind.Teams && field("Url") is not null)
            problems.Add($"{Setting(sink, "Url")} is set, but the address of a {kind} webhook is a secret: write it into a file, and the file's path as UrlFile.");
        if (kind == SinkKind.PagerDuty && field("RoutingKeyFile") is null)
            problems.Add($"{Setting(sink, "RoutingKeyFile")} is missing: mount a Secret with the integration key, and write the path of its file.");
        foreach (var foreign in Files.Where(file => field(file) is not null && !Has(kind, file)))
            problems.Add($"{Setting(sink, foreign)} is set, which a sink of the kind {kind} does not have: take it out.");
        foreach (var file in Files.Where(file => field(file) is { } path && !File.Exists(path)))
            problems.Add($"{Setting(sink, file)} names the file {field(file)}, which is not there: mount it, or correct the path.");
    }

    private static bool Has(SinkKind kind, string file) => file switch
    {
        "BearerTokenFile" or "SigningKeyFile" => kind == SinkKind.Webhook,
        "RoutingKeyFile" => kind == SinkKind.PagerDuty,
        _ => true,
    };

    private Uri? Address(string sink, string? text)
    {
        if (text is null)
            return null;
        if (SinkOptions.IsAddress(text, out var address))
            return address;
        problems.Add($"{Setting(sink, "Url")} is no http or https address without user and password: write one such as https://hooks.example.com/rollouts.");
        return null;
    }

    private T? Word<T>(string sink, string field, string? text)
        where T : struct, Enum
    {
        if (Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase))
            return Enum.Parse<T>(text!, ignoreCase: true);
        problems.Add($"{Setting(sink, field)} is {(text is null ? "missing" : $"\"{text}\", which is not there")}: write one of {string.Join(", ", Enum.GetNames<T>())}.");
        return null;
    }

    private string[] Namespaces(IConfigurationSection section)
    {
        var written = section["Namespaces"] ?? string.Join(',', section.GetSection("Namespaces").GetChildren().Select(child => child.Value));
        var namespaces = written.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var name in namespaces.Where(name => !DnsName.IsLabel(name)))
            problems.Add($"{Setting(section.Key, "Namespaces")} names \"{name}\", which no namespace can be called: write names of namespaces, separated by commas.");
        return namespaces;
    }

    private static string Setting(string sink, string field) => $"Rollout:Notifications:{sink}:{field} in appsettings.json";
}
