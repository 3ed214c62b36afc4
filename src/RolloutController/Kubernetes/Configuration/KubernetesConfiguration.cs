namespace RolloutController.Kubernetes;

/// <summary>Where the Kubernetes API is, how it proves itself, and as whom we ask.</summary>
public sealed record KubernetesConfiguration
{
    /// <summary>The base address of the API; it may have a path.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace of the context, or the one that the pod runs in.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Which servers are trusted.</summary>
    public ServerTrust Trust { get; init; } = ServerTrust.System;

    /// <summary>The name that the server's certificate must carry, where it is not the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The proxy; null for the one that the environment names, if any.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>Whether lists may come compressed.</summary>
    public bool Compression { get; init; } = true;

    /// <summary>What carries the requests in place of the network; null for the network. Clients do not dispose of it.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>As whom we ask.</summary>
    public KubernetesCredentials Credentials { get; init; } = KubernetesCredentials.Anonymous;

    /// <summary>As whom we act, where that is someone else.</summary>
    public Impersonation? Impersonation { get; init; }

    /// <summary>Where all this was read, for logs and messages.</summary>
    public string Origin { get; init; } = "";
}

/// <summary>The user whom requests impersonate.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Uid">The user's uid, or null.</param>
/// <param name="Groups">The user's groups.</param>
/// <param name="Extra">What else is known of the user.</param>
public sealed record Impersonation(string User, string? Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra);

/// <summary>No usable configuration was found; the message names the file and the field, and says what to do.</summary>
public sealed class KubernetesConfigurationException : Exception
{
    /// <summary>Makes the exception.</summary>
    public KubernetesConfigurationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
