using System.Globalization;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Paths of fields as an API server writes them.</summary>
internal static class JsonPath
{
    /// <summary>A field of an object; the path of a whole object is empty.</summary>
    public static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>An entry of a map.</summary>
    public static string Key(string path, string name) => $"{path}[{name}]";

    /// <summary>An item of a list.</summary>
    public static string Index(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
