using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control.Config;

/// <summary>What is noted on a ReplicaSet of the ConfigMaps and Secrets that its pods read.</summary>
internal static class ConfigNotes
{
    /// <summary>The content; null where nobody has looked.</summary>
    public static ConfigState? Read(ReplicaSet set)
    {
        if (set.Metadata.Annotations.GetValueOrDefault(Names.Config) is not { } text)
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? new ConfigState(document.RootElement.EnumerateObject().ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Value.ToString(), StringComparer.Ordinal))
                : null;
        }
        catch (JsonException)
        {
            // Edited by somebody: as if nobody had looked.
            return null;
        }
    }

    /// <summary>Writes the content for <see cref="Read"/>.</summary>
    public static string Write(ConfigState state) =>
        new JsonObject(state.Digests.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))).ToJsonString();

    /// <summary>Whether copies of it may be missing: it never had a pod, and never gets one.</summary>
    public static bool IsUnfinished(ReplicaSet set) => set.Metadata.Annotations.ContainsKey(Names.ConfigUnfinished);
}
