using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>What the API says of a token. The token itself is in the question alone, and is not read back.</summary>
public sealed record TokenReview : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The answer.</summary>
    public TokenReviewStatus Status { get; init => field = value ?? new(); } = new();
}

/// <summary>Whether a token is good, and whose it is.</summary>
public sealed record TokenReviewStatus
{
    /// <summary>Whether it is good.</summary>
    public bool Authenticated { get; init; }

    /// <summary>Whose it is, where it is good.</summary>
    public UserInfo User { get; init => field = value ?? new(); } = new();
}

/// <summary>A user, as the API's authenticators know one.</summary>
public sealed record UserInfo
{
    /// <summary>The name.</summary>
    public string Username { get; init => field = value ?? ""; } = "";

    /// <summary>The identity; may be empty.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>The groups.</summary>
    public IReadOnlyList<string> Groups { get; init => field = value ?? []; } = [];

    /// <summary>What an authenticator knows beside it, lists of texts by name, to be passed on as it is.</summary>
    public JsonElement? Extra { get; init; }
}

/// <summary>What the API says of a right.</summary>
public sealed record SubjectAccessReview : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The answer.</summary>
    public SubjectAccessReviewStatus Status { get; init => field = value ?? new(); } = new();
}

/// <summary>Whether something is allowed.</summary>
public sealed record SubjectAccessReviewStatus
{
    /// <summary>Whether it is; where no authorizer has an opinion it is not.</summary>
    public bool Allowed { get; init; }
}
