using System.Text.Json.Nodes;

namespace RolloutController.Kubernetes;

/// <summary>Requests to the Kubernetes API. Every failure that the API answers is a <see cref="KubernetesApiException"/>.</summary>
public interface IKubernetesClient
{
    /// <summary>Reads one object as it is now; null when the API says that there is none of this name.</summary>
    Task<T?> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Creates an object; the namespace is empty for a kind that is in none. With <paramref name="dryRun"/> the API judges and defaults it without storing it.</summary>
    Task<T> CreateAsync<T>(ResourceKind<T> kind, string @namespace, JsonObject body, CancellationToken cancellationToken, bool dryRun = false)
        where T : class, IKubernetesObject;

    /// <summary>Changes an object, or its subresource (<c>status</c>, <c>scale</c>), and reads the result.</summary>
    Task<T> PatchAsync<T>(ResourceKind<T> kind, ObjectKey key, Patch patch, CancellationToken cancellationToken, string? subresource = null)
        where T : class, IKubernetesObject;

    /// <summary>Replaces an object whole; the body carries the resourceVersion that it is based on.</summary>
    Task<T> ReplaceAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Deletes an object, if it still is the one that <paramref name="uid"/> names; it is no error when it is gone already.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="key">Its name.</param>
    /// <param name="uid">Which of those that had the name; null for any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="resourceVersion">The version that was observed, where it matters: another one answers 409, a conflict.</param>
    Task DeleteAsync<T>(ResourceKind<T> kind, ObjectKey key, string? uid, CancellationToken cancellationToken, string? resourceVersion = null)
        where T : class, IKubernetesObject;

    /// <summary>Lists the objects of one namespace, or of all when it is null.</summary>
    Task<ResourceList<T>> ListAsync<T>(ResourceKind<T> kind, string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Reads the last lines of what a pod's first container wrote.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="lines">How many lines at the most.</param>
    /// <param name="bytes">How many bytes at the most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<string> ReadLogAsync(ObjectKey pod, int lines, int bytes, CancellationToken cancellationToken);

    /// <summary>
    /// Watches from a resource version on, event by event, until the stream ends or fails. An error event of the API is thrown as
    /// <see cref="KubernetesApiException"/>. Not for use outside the informers, which own reconnecting.
    /// </summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ResourceKind<T> kind, string? @namespace, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>
    /// The same client over the same connections, which asks before each message that a write sends, a repeated one included. It is not
    /// disposed by itself.
    /// </summary>
    /// <param name="beforeWrite">Throws where nothing may be written now; that is then how the write fails.</param>
    IKubernetesClient Guarded(Action beforeWrite);

    /// <summary>Whether the API serves a kind now: its group, version and plural are in discovery.</summary>
    Task<bool> ServesAsync<T>(ResourceKind<T> kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;
}

/// <summary>A change to an object: its media type and body.</summary>
/// <param name="MediaType">The Content-Type of the patch.</param>
/// <param name="Body">The patch.</param>
public sealed record Patch(string MediaType, JsonNode Body)
{
    /// <summary>An RFC 7386 merge patch; null deletes. Put <c>metadata.resourceVersion</c> in to make it conditional.</summary>
    public static Patch Merge(JsonObject body) => new("application/merge-patch+json", body);

    /// <summary>An RFC 6902 JSON patch; <c>replace</c> <c>/metadata/resourceVersion</c> to make it conditional.</summary>
    public static Patch Json(JsonArray operations) => new("application/json-patch+json", operations);

    /// <summary>Server-side apply of the full intent of our field manager, forced.</summary>
    public static Patch Apply(JsonObject body) => new("application/apply-patch+yaml", body);

    /// <summary>Whether the API only judges and defaults what would come of it, and stores nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>A list as the API returned it.</summary>
/// <param name="ResourceVersion">The version of the list; a watch goes on from here.</param>
/// <param name="Items">The objects.</param>
public sealed record ResourceList<T>(string ResourceVersion, IReadOnlyList<T> Items)
{
    /// <summary>The objects that are there and could not be read.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable { get; init; } = [];
}

/// <summary>An object that the API has and that cannot be read as what it should be.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Uid">Its identity; empty where it is not known.</param>
public sealed record UnreadableObject(ObjectKey Key, string Uid);

/// <summary>Narrows a list.</summary>
/// <param name="LabelSelector">A label selector as the API reads it, or null for all.</param>
/// <param name="ResourceVersion">Empty for the most recent state; otherwise at least as new as this.</param>
/// <param name="FieldSelector">A field selector as the API reads it, or null for all.</param>
public sealed record ListOptions(string? LabelSelector = null, string ResourceVersion = "", string? FieldSelector = null);

/// <summary>Narrows a watch.</summary>
/// <param name="ResourceVersion">Where to go on from.</param>
/// <param name="LabelSelector">A label selector as the API reads it, or null for all.</param>
/// <param name="Timeout">When the server is to end the watch.</param>
/// <param name="FieldSelector">A field selector as the API reads it, or null for all.</param>
public sealed record WatchOptions(string ResourceVersion, string? LabelSelector, TimeSpan Timeout, string? FieldSelector = null);

/// <summary>What happened to a watched object.</summary>
public enum WatchEventType
{
    /// <summary>The object came into view.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone; its last state is given.</summary>
    Deleted,

    /// <summary>Nothing happened up to the resource version.</summary>
    Bookmark,

    /// <summary>The object could not be read; only its key and resource version are known. Read it anew.</summary>
    Unreadable,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="ResourceVersion">The version that the watch has reached.</param>
/// <param name="Key">The object's key; default for a bookmark.</param>
/// <param name="Object">The object; null for a bookmark or an unreadable object.</param>
public sealed record WatchEvent<T>(WatchEventType Type, string ResourceVersion, ObjectKey Key, T? Object);
