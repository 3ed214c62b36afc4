using System.Collections.ObjectModel;

namespace RolloutController.Kubernetes;

/// <summary>What stands in for a map that the API left out: one empty instance for all objects.</summary>
internal static class Defaults
{
    public static IReadOnlyDictionary<string, string> Map => ReadOnlyDictionary<string, string>.Empty;
}
