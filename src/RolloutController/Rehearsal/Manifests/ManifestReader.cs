using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Manifests;

/// <summary>Reads the manifests of files, folders (with those below) and standard input, as <c>kubectl apply -R -f</c> does.</summary>
internal static class ManifestReader
{
    /// <summary>Stands for standard input.</summary>
    public const string StandardInput = "-";

    private const int LargestFile = 8 * 1024 * 1024;
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>Reads everything that is named.</summary>
    /// <param name="sources">Files, folders or <see cref="StandardInput"/>.</param>
    /// <param name="input">Standard input.</param>
    /// <exception cref="ManifestException">Something cannot be read, or is no object.</exception>
    public static IReadOnlyList<Manifest> Read(IEnumerable<string> sources, TextReader input) => [.. sources.SelectMany(source => Read(source, input))];

    private static IEnumerable<Manifest> Read(string source, TextReader input)
    {
        if (source == StandardInput)
            return Parse("standard input", TextOf(input));
        if (Directory.Exists(source))
        {
            return Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
                .Where(file => Extensions.Contains(Path.GetExtension(file)))
                .Order(StringComparer.Ordinal)
                .SelectMany(file => Parse(file, TextOf(file)));
        }
        return Parse(source, TextOf(source));
    }

    private static string TextOf(TextReader input)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        while (input.Read(buffer) is var read and > 0)
        {
            if (text.Length + read > LargestFile)
                throw new ManifestException("standard input", "", $"it is longer than {LargestFile / 1024 / 1024} MiB, which no manifest is");
            text.Append(buffer, 0, read);
        }

        return text.ToString();
    }

    /// <summary>The text of a file of a size that a person may write.</summary>
    /// <exception cref="ManifestException">It cannot be read.</exception>
    internal static string TextOf(string file)
    {
        try
        {
            if (new FileInfo(file) is { Exists: true, Length: > LargestFile })
                throw new ManifestException(file, "", $"the file is larger than {LargestFile / 1024 / 1024} MiB, which no manifest is");
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException(file, "", exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file or folder" : exception.Message);
        }
    }

    private static List<Manifest> Parse(string source, string text)
    {
        IReadOnlyList<JsonNode> documents;
        try
        {
            documents = YamlReader.Read(text);
        }
        catch (FormatException exception)
        {
            throw new ManifestException(source, "", exception.Message);
        }
        return [.. documents.SelectMany((document, index) => Objects(documents.Count == 1 ? source : $"{source}, document {index + 1}", document))];
    }

    private static IEnumerable<Manifest> Objects(string where, JsonNode? document)
    {
        if (document is not JsonObject item)
            throw new ManifestException(where, "", "the document is no object; write apiVersion, kind, metadata and spec");
        if (item["items"] is JsonArray items && StringOf(item["kind"])?.EndsWith("List", StringComparison.Ordinal) == true)
            return items.SelectMany((one, index) => Objects($"{where}, items[{index}]", one?.DeepClone()));
        foreach (var field in (string[])["apiVersion", "kind"])
        {
            if (StringOf(item[field]) is null)
                throw new ManifestException(where, field, "is missing, or no text");
        }
        if (StringOf((item["metadata"] as JsonObject)?["name"]) is null)
            throw new ManifestException(where, "metadata.name", "is missing, or no text: a number needs quotes");
        if (item["metadata"]!["namespace"] is { } space && StringOf(space) is null)
            throw new ManifestException(where, "metadata.namespace", "is no text: a number needs quotes");
        return [new Manifest(where, item)];
    }

    private static string? StringOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
