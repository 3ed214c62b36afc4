using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RolloutController.Kubernetes;

/// <summary>
/// One or more kubeconfig files, merged as client-go merges them: of entries of one name, and of the current context, the first
/// that is met holds.
/// </summary>
internal sealed class Kubeconfig
{
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly IReadOnlyList<(string Path, KubeconfigNode Root)> _files;

    private Kubeconfig(IReadOnlyList<(string, KubeconfigNode)> files) => _files = files;

    /// <summary>Reads files.</summary>
    /// <exception cref="KubernetesConfigurationException">One cannot be read or is not YAML.</exception>
    public static Kubeconfig Read(IEnumerable<string> paths) => new([.. paths.Select(path => (path, ReadFile(path)))]);

    /// <summary>The files, for messages.</summary>
    public string Origin => string.Join(", ", _files.Select(file => file.Path));

    /// <summary>The name of the context that is used where none is asked for.</summary>
    public string? CurrentContext => _files.Select(file => file.Root.Text("current-context")).FirstOrDefault(name => name is not null);

    /// <summary>The names of all contexts.</summary>
    public IEnumerable<string> ContextNames =>
        _files.SelectMany(file => file.Root.Children("contexts")).Select(entry => entry.Required("name")).Distinct();

    /// <summary>An entry of one of the lists; null where none has the name.</summary>
    /// <param name="list"><c>clusters</c>, <c>users</c> or <c>contexts</c>.</param>
    /// <param name="field">The field of the entry that holds it: <c>cluster</c>, <c>user</c> or <c>context</c>.</param>
    /// <param name="name">The entry's name.</param>
    public KubeconfigNode? Find(string list, string field, string name)
    {
        var entry = _files.SelectMany(file => file.Root.Children(list)).FirstOrDefault(entry => entry.Text("name") == name);
        return entry is null ? null : entry.Child(field) ?? throw entry.Error(field, "is missing");
    }

    private static string ReadText(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxBytes)
            throw new KubernetesConfigurationException($"{path}: a kubeconfig is no larger than {MaxBytes / 1024 / 1024} MiB; is this the right file?");
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static KubeconfigNode ReadFile(string path)
    {
        try
        {
            var text = ReadText(path);
            if (YamlBounds.Problem(text) is var (line, problem))
                throw new KubernetesConfigurationException($"{path}: line {line}: {problem}");
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents switch
            {
                [{ RootNode: YamlMappingNode root }, ..] => new KubeconfigNode(path, "", root),
                [] => new KubeconfigNode(path, "", []),
                _ => throw new KubernetesConfigurationException($"{path}: a kubeconfig is a map with clusters, users and contexts; this is none"),
            };
        }
        catch (YamlException exception)
        {
            throw new KubernetesConfigurationException(
                $"{path}: line {exception.Start.Line}, column {exception.Start.Column}: this is not YAML", exception);
        }
        // So YamlDotNet fails at a character that ends no plain text, and at an end that nothing began.
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"{path}: this is not YAML", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"{path}: the kubeconfig cannot be read: {exception.Message}", exception);
        }
    }
}
