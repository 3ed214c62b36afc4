using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    /// <summary>Changes an object: members of the patch replace those of the object, null takes them away.</summary>
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, change) in patch)
        {
            if (change is null)
                target.Remove(name);
            else if (change is JsonObject changes)
                Apply(Member(target, name), changes);
            else
                target[name] = change.DeepClone();
        }
    }

    private static JsonObject Member(JsonObject target, string name)
    {
        if (target[name] is not JsonObject member)
            target[name] = member = [];
        return member;
    }
}
