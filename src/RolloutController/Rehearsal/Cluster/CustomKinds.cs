using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Serves the kinds of CustomResourceDefinitions.</summary>
internal static class CustomKinds
{
    /// <summary>Serves what a definition defines, in every version that it serves.</summary>
    public static void Serve(JsonObject definition, ResourceTable resources)
    {
        foreach (var version in definition["spec"]!["versions"]!.AsArray().OfType<JsonObject>().Where(version => (bool?)version["served"] == true))
            resources.Serve(Read(definition["spec"]!.AsObject(), version));
    }

    /// <summary>Serves what a definition defines no more.</summary>
    public static void Withdraw(JsonObject definition, ResourceTable resources) =>
        resources.Withdraw((string)definition["spec"]!["group"]!, (string)definition["spec"]!["names"]!["plural"]!);

    /// <summary>The scale subresource of a version; null where it has none.</summary>
    public static ScalePaths? ScaleOf(JsonNode version) => version["subresources"]?["scale"] is { } scale
        ? new ScalePaths(Path(scale["specReplicasPath"])!, Path(scale["statusReplicasPath"])!, Path(scale["labelSelectorPath"]))
        : null;

    private static Resource Read(JsonObject spec, JsonObject version)
    {
        var names = spec["names"]!;
        var resource = new Resource((string)spec["group"]!, (string)version["name"]!, (string)names["kind"]!, (string)names["plural"]!, (string?)spec["scope"] != "Cluster")
        {
            IsCustom = true,
            Singular = (string?)names["singular"] ?? ((string)names["kind"]!).ToLowerInvariant(),
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            HasStatus = version["subresources"]?["status"] is not null,
            HasGeneration = true,
            Scale = ScaleOf(version),
            SelectableFields = [.. (version["selectableFields"] as JsonArray ?? []).Select(field => Path(field!["jsonPath"])!)],
            Columns = [.. (version["additionalPrinterColumns"] as JsonArray ?? []).Select(column => new PrinterColumn(
                (string)column!["name"]!, (string)column["type"]!, Path(column["jsonPath"])!, (int?)column["priority"] ?? 0, (string?)column["description"] ?? ""))
                .Where(column => column.Path != "metadata.creationTimestamp")],
        };
        return resource with { Rules = CustomRules.Of(resource, version) };
    }

    private static string? Path(JsonNode? path) => ((string?)path)?.TrimStart('.');

    private static List<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string)item!)];
}
