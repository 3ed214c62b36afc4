using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Traffic;

/// <summary>
/// Pins a user's Service to the pods of one revision by a single selector key, and takes the pin out again. Both patches hold only for
/// the version of the Service that they were planned from.
/// </summary>
public static class ServicePin
{
    /// <summary>The label by which the pods of a revision differ from all others, and the selector key of the pin.</summary>
    public const string Key = "pod-template-hash";

    /// <summary>Has the Service select only the pods of one revision.</summary>
    /// <param name="resourceVersion">The version of the Service that was read.</param>
    /// <param name="hash">The pod template hash of the revision.</param>
    public static Patch Pin(string resourceVersion, string hash) => Select(resourceVersion, hash);

    /// <summary>Has the Service select the pods that its user named.</summary>
    /// <param name="resourceVersion">The version of the Service that was read.</param>
    public static Patch Unpin(string resourceVersion) => Select(resourceVersion, null);

    private static Patch Select(string resourceVersion, string? hash) => Patch.Merge(new JsonObject
    {
        ["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion },
        ["spec"] = new JsonObject { ["selector"] = new JsonObject { [Key] = hash } },
    });
}
