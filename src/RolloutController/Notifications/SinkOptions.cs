using RolloutController.Planning;

namespace RolloutController.Notifications;

/// <summary>The kinds of sinks.</summary>
public enum SinkKind
{
    /// <summary>Our own JSON, to any address.</summary>
    Webhook,

    /// <summary>An incoming webhook of Slack, or of what understands the same.</summary>
    Slack,

    /// <summary>A workflow of Microsoft Teams that posts an Adaptive Card.</summary>
    Teams,

    /// <summary>The Events API v2 of PagerDuty.</summary>
    PagerDuty,
}

/// <summary>A place where notifications go, as the operator sets it up. Holds the paths of secrets, never secrets: files are read for each message.</summary>
/// <param name="Name">Its name in logs and metrics; a DNS label.</param>
/// <param name="Kind">What it understands.</param>
public sealed record SinkOptions(string Name, SinkKind Kind)
{
    /// <summary>Where to send; null where <see cref="UrlFile"/> says so.</summary>
    public Uri? Url { get; init; }

    /// <summary>A file with the address, which is a secret with Slack and Teams: whoever knows it can post.</summary>
    public string? UrlFile { get; init; }

    /// <summary>The least severe that is sent.</summary>
    public Severity Severity { get; init; } = Severity.P2;

    /// <summary>The namespaces whose Rollouts are told of; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>A file with a bearer token, for a webhook.</summary>
    public string? BearerTokenFile { get; init; }

    /// <summary>A file with the key that a webhook's body is signed with.</summary>
    public string? SigningKeyFile { get; init; }

    /// <summary>A file with PagerDuty's integration key.</summary>
    public string? RoutingKeyFile { get; init; }

    /// <summary>A PEM file with the authorities that may have signed the server's certificate; the system's when left out.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>Whether a text is an address that a sink can have: http or https, without user and password.</summary>
    internal static bool IsAddress(string text, out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address) && address is { Scheme: "http" or "https", UserInfo: "", Fragment: "" } && address.Host.Length > 0;
}
