using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The defaults of volumes.</summary>
internal static class VolumeDefaults
{
    /// <summary>0644, the mode of files.</summary>
    private const int FileMode = 420;

    /// <summary>Writes the defaults of a volume.</summary>
    public static void Of(JsonObject volume)
    {
        if (volume.All(field => field.Key == "name"))
            volume["emptyDir"] = new JsonObject();
        foreach (var source in new[] { "secret", "configMap", "downwardAPI", "projected" })
            volume.Object(source)?.Or("defaultMode", FileMode);
        volume.Object("hostPath")?.Or("type", "");
        volume.Object("ephemeral", "volumeClaimTemplate", "spec")?.Or("volumeMode", "Filesystem");
        Fields(volume.Objects("downwardAPI", "items"));
        foreach (var source in volume.Objects("projected", "sources"))
        {
            Fields(source.Objects("downwardAPI", "items"));
            source.Object("serviceAccountToken")?.Or("expirationSeconds", 3600);
        }
    }

    private static void Fields(IEnumerable<JsonObject> items)
    {
        foreach (var item in items)
            item.Object("fieldRef")?.Or("apiVersion", "v1");
    }
}
