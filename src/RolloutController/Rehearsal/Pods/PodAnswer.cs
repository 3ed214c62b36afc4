using System.Net;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Pods;

/// <summary>Says how a pod answers a request that the controller sends to it.</summary>
public delegate PodAnswer PodAnswers(PodRequest request);

/// <summary>A request to a pod.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Path">The path, with its query.</param>
/// <param name="Header">What it says in a header; null where it does not have it.</param>
public sealed record PodRequest(StoredObject Pod, string Path, Func<string, string?> Header);

/// <summary>How a pod answers.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body, JSON.</param>
/// <param name="Delay">How long it takes.</param>
public sealed record PodAnswer(HttpStatusCode Status, string Body, TimeSpan Delay)
{
    /// <summary>What a healthy pod answers.</summary>
    public static PodAnswer Good { get; } = new(HttpStatusCode.OK, """{"status":"ok"}""", TimeSpan.FromMilliseconds(5));

    /// <summary>What the answer says in its headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>How pods of a version answer at a path.</summary>
/// <param name="Path">The path, without a query.</param>
/// <param name="Answer">The answer.</param>
/// <param name="After">How long after the new version was shipped they begin to.</param>
/// <param name="For">How long they do; null for ever.</param>
public sealed record PathAnswer(string Path, PodAnswer Answer, TimeSpan After, TimeSpan? For = null)
{
    /// <summary>Whether this is how they answer a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="elapsed">How long ago the new version was shipped.</param>
    public bool Applies(PodRequest request, TimeSpan elapsed)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Path.Split('?')[0] == Path && elapsed >= After && !(elapsed >= After + For);
    }
}
