using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>
/// How deep the JSON of the API may be nested. What a schema does not judge (a pod template of a Rollout) is stored as deep as anybody writes it, and
/// the 64 levels at which .NET gives up by itself would make one such object the end of the list that it is in.
/// </summary>
internal static class ApiDepth
{
    /// <summary>The levels of one object; what is deeper cannot be read. Less than the 1000 that can be written.</summary>
    public const int OfObject = 500;

    /// <summary>Reads on over everything.</summary>
    public static JsonReaderOptions Unlimited { get; } = new() { MaxDepth = int.MaxValue };

    /// <summary>Reads one object.</summary>
    public static JsonReaderOptions Limited { get; } = new() { MaxDepth = OfObject };
}
