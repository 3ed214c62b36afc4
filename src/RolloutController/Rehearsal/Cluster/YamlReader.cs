using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>YAML as Kubernetes reads it: the core schema, so that <c>yes</c> and <c>012</c> stay text and number, and JSON comes out.</summary>
internal static partial class YamlReader
{
    // More than any manifest nests, and aliases cannot make a bomb of a small file.
    private const int DeepestNesting = 100;
    private const int MostNodes = 200_000;

    /// <summary>Reads all documents that are not empty.</summary>
    /// <exception cref="FormatException">The text is no YAML; the message says where.</exception>
    public static IReadOnlyList<JsonNode> Read(string text)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw new FormatException($"line {exception.Start.Line}, column {exception.Start.Column}: {exception.Message}", exception);
        }
        var left = MostNodes;
        return [.. yaml.Documents.Select(document => Convert(document.RootNode, 0, ref left)).OfType<JsonNode>().Select(node => JsonNode.Parse(StoredObject.Write(node))!)];
    }

    private static JsonNode? Convert(YamlNode node, int depth, ref int left)
    {
        if (depth > DeepestNesting || --left < 0)
            throw new FormatException($"line {node.Start.Line}: the document nests too deeply or is too large");
        switch (node)
        {
            case YamlMappingNode mapping:
                var members = new JsonObject();
                foreach (var (key, value) in mapping.Children)
                {
                    if (key is not YamlScalarNode { Value: { } name })
                        throw new FormatException($"line {key.Start.Line}: a key is not a plain text");
                    members[name] = Convert(value, depth + 1, ref left);
                }
                return members;
            case YamlSequenceNode sequence:
                var items = new JsonArray();
                foreach (var item in sequence.Children)
                    items.Add(Convert(item, depth + 1, ref left));
                return items;
            case YamlScalarNode scalar:
                return Convert(scalar);
            default:
                throw new FormatException($"line {node.Start.Line}: an alias has no anchor");
        }
    }

    private static JsonValue? Convert(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style is not ScalarStyle.Plain)
            return JsonValue.Create(text);
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when Integer().IsMatch(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
            _ when Number().IsMatch(text) => JsonValue.Create(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)),
            _ => JsonValue.Create(text),
        };
    }

    [GeneratedRegex("^[-+]?(0|[1-9][0-9]*)$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Number();
}
