using System.Globalization;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Lists as tables, which is how <c>kubectl get</c> asks for them.</summary>
internal static class Tables
{
    /// <summary>Whether a request asks for a table.</summary>
    public static bool AreAsked(ApiRequest request) => request.Accept.Contains("as=Table", StringComparison.Ordinal);

    /// <summary>A page as a table.</summary>
    public static JsonObject Of(Resource resource, ListPage page, DateTimeOffset now) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = new JsonObject { ["resourceVersion"] = page.Version.ToString(CultureInfo.InvariantCulture) },
        ["columnDefinitions"] = new JsonArray([
            Column(new PrinterColumn("Name", "string", "metadata.name"), "name"),
            .. resource.Columns.Select(column => Column(column, "")),
            Column(new PrinterColumn("Age", "string", ""), "")]),
        ["rows"] = new JsonArray([.. page.Items.Select(item => Row(resource, item, now))]),
    };

    private static JsonObject Column(PrinterColumn column, string format) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };

    private static JsonObject Row(Resource resource, StoredObject stored, DateTimeOffset now)
    {
        var item = resource.View(stored);
        return new JsonObject
        {
            ["cells"] = new JsonArray([stored.Name, .. resource.Columns.Select(column => Cell(item, column.Path)), Age(item, now)]),
            ["object"] = new JsonObject { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = item["metadata"]!.DeepClone() },
        };
    }

    private static JsonNode? Cell(JsonNode? item, string path)
    {
        foreach (var name in path.Split('.'))
            item = (item as JsonObject)?[name];
        return item is JsonValue ? item.DeepClone() : null;
    }

    private static string Age(JsonObject item, DateTimeOffset now)
    {
        var age = now - DateTimeOffset.Parse((string)item["metadata"]!["creationTimestamp"]!, CultureInfo.InvariantCulture);
        return age.TotalDays >= 2 ? $"{(int)age.TotalDays}d" : age.TotalHours >= 2 ? $"{(int)age.TotalHours}h" : age.TotalMinutes >= 2 ? $"{(int)age.TotalMinutes}m" : $"{(int)age.TotalSeconds}s";
    }
}
