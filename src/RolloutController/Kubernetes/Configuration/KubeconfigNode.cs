using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RolloutController.Kubernetes;

/// <summary>A map of a kubeconfig, which knows its file and its place in it and so can say where a mistake is.</summary>
internal sealed class KubeconfigNode(string file, string place, YamlMappingNode map)
{
    /// <summary>A text; null where it is left out, null or empty.</summary>
    public string? Text(string field) => Value(field) switch
    {
        null => null,
        YamlScalarNode { Value: { Length: > 0 } text } => text,
        YamlScalarNode => null,
        _ => throw Error(field, "must be a single value"),
    };

    /// <summary>A text that must be there.</summary>
    public string Required(string field) => Text(field) ?? throw Error(field, "is missing");

    /// <summary>A truth value; false where it is left out.</summary>
    public bool Flag(string field) => Text(field) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Error(field, "must be true or false"),
    };

    /// <summary>A path, resolved against the folder of the file; null where it is left out.</summary>
    public string? FilePath(string field) => Text(field) is { } path ? Resolve(field, path) : null;

    /// <summary>A path, resolved against the folder of the file.</summary>
    /// <param name="field">The field that has it, for messages.</param>
    /// <param name="path">The path.</param>
    public string Resolve(string field, string path) => path.Contains('\0', StringComparison.Ordinal)
        ? throw Error(field, "is no path: it holds a NUL character")
        : Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>Text that is kept as base64; null where it is left out.</summary>
    public string? Data(string field)
    {
        if (Text(field) is not { } encoded)
            return null;
        try
        {
            return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
        }
        catch (FormatException)
        {
            throw Error(field, "is not base64");
        }
    }

    /// <summary>PEM that is given in place (<c>field-data</c>, which wins) or as a file; null where it is left out.</summary>
    public TextSource? Pem(string field, TimeProvider timeProvider, ILogger logger)
    {
        if (Data($"{field}-data") is { } data)
            return TextSource.Inline(data);
        return FilePath(field) is { } path
            ? TextSource.File(path, ClientCertificateCredentials.FilePeriod, timeProvider, logger)
            : null;
    }

    /// <summary>A map inside; null where it is left out.</summary>
    public KubeconfigNode? Child(string field) => Value(field) switch
    {
        null => null,
        YamlMappingNode child => new KubeconfigNode(file, Inside(field), child),
        _ => throw Error(field, "must be a map"),
    };

    /// <summary>The maps of a list; none where it is left out.</summary>
    public IEnumerable<KubeconfigNode> Children(string field) =>
        List(field).Select((item, index) => item is YamlMappingNode child
            ? new KubeconfigNode(file, $"{Inside(field)}[{(child.Children.TryGetValue("name", out var name) && name is YamlScalarNode { Value: { } text } ? text : index.ToString())}]", child)
            : throw Error(field, "must be a list of maps"));

    /// <summary>The texts of a list; none where it is left out.</summary>
    public IReadOnlyList<string> Texts(string field) =>
        [.. List(field).Select(item => item is YamlScalarNode { Value: { } text } ? text : throw Error(field, "must be a list of texts"))];

    /// <summary>The names of the fields.</summary>
    public IEnumerable<string> Fields => map.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value).OfType<string>();

    /// <summary>Whatever YAML a field holds; null where it is left out.</summary>
    public YamlNode? Value(string field) =>
        map.Children.TryGetValue(field, out var value) && !IsNull(value) ? value : null;

    /// <summary>A mistake in a field, for a person.</summary>
    public KubernetesConfigurationException Error(string field, string problem) => new($"{file}: {Inside(field)} {problem}");

    private IList<YamlNode> List(string field) => Value(field) switch
    {
        null => [],
        YamlSequenceNode list => list.Children,
        _ => throw Error(field, "must be a list"),
    };

    private string Inside(string field) => place.Length == 0 ? field : $"{place}.{field}";

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };
}
