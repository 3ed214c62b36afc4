using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Kubernetes;

/// <summary>Names a ConfigMap or Secret.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name, in the namespace of whoever names it.</param>
public readonly record struct ConfigKey(string Kind, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>A place of a pod template that names a ConfigMap or Secret.</summary>
/// <param name="Key">What it names.</param>
/// <param name="Field">The path of the field, from the template on.</param>
/// <param name="Optional">Whether pods start without it.</param>
public sealed record ConfigReference(ConfigKey Key, string Field, bool Optional);

/// <summary>
/// The ConfigMaps and Secrets that the containers of a pod template read: by volumes and by environment variables. What the kubelet needs for
/// the pod itself (imagePullSecrets, credentials of storage drivers) is not among them.
/// </summary>
public static class TemplateConfig
{
    /// <summary>The longest name of which a copy can be made.</summary>
    public const int MaxNameLength = 253 - 1 - 10 - 1 - NonceLength;

    private const int NonceLength = 5;

    // Neither vowels nor what is mistaken for another letter, as in the names of pods.
    private const string NonceLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Finds the references, in the order of the template.</summary>
    /// <param name="template">A pod template.</param>
    public static IReadOnlyList<ConfigReference> Find(JsonElement template)
    {
        var found = new List<ConfigReference>();
        Visit(JsonObject.Create(template), [], "", (kind, name, field, source) =>
        {
            found.Add(new ConfigReference(new ConfigKey(kind, name), field, source["optional"] is JsonValue value && value.TryGetValue(out bool optional) && optional));
            return name;
        });
        return found;
    }

    /// <summary>Lets a template name other objects.</summary>
    /// <param name="template">The template; it is changed.</param>
    /// <param name="nameOf">The name to write in the place of an object's; null leaves it.</param>
    public static void Rename(JsonObject template, Func<ConfigKey, string?> nameOf) =>
        Visit(template, [], "", (kind, name, _, _) => nameOf(new ConfigKey(kind, name)) ?? name);

    /// <summary>
    /// The name of a revision's own copy. The nonce is drawn for each ReplicaSet, so that what bears the name was made for that one and
    /// has its content: nobody has to be allowed to read copies to know it.
    /// </summary>
    public static string CopyName(string name, string revision, string nonce) => $"{name}-{revision}-{nonce}";

    /// <summary>Draws what tells the copies of one ReplicaSet from those of another that bears the same name later.</summary>
    public static string NewNonce(Random random) => new([.. Enumerable.Range(0, NonceLength).Select(_ => NonceLetters[random.Next(NonceLetters.Length)])]);

    /// <summary>The name that the user wrote where a template of a revision names a copy; null where it names none.</summary>
    /// <param name="path">The names of the members down to the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="revision">The revision of the template's pods.</param>
    internal static string? OriginalName(IReadOnlyList<string> path, string value, string revision)
    {
        var end = value.Length - NonceLength - 1 - revision.Length - 1;
        return revision.Length > 0 && end > 0
            && value[end] == '-' && value[^(NonceLength + 1)] == '-' && value.AsSpan(end + 1).StartsWith(revision, StringComparison.Ordinal)
            && value[^NonceLength..].All(letter => NonceLetters.Contains(letter, StringComparison.Ordinal)) && KindAt(path) is not null
            ? value[..end]
            : null;
    }

    /// <summary>The kind of object that the value at a path names; null for every other value.</summary>
    private static string? KindAt(IReadOnlyList<string> path) => path switch
    {
        ["spec", "volumes", "configMap", "name"] or ["spec", "volumes", "projected", "sources", "configMap", "name"] => "ConfigMap",
        ["spec", "volumes", "secret", "secretName"] or ["spec", "volumes", "projected", "sources", "secret", "name"] => "Secret",
        ["spec", _, "envFrom", "configMapRef", "name"] or ["spec", _, "env", "valueFrom", "configMapKeyRef", "name"] when IsContainers(path[1]) => "ConfigMap",
        ["spec", _, "envFrom", "secretRef", "name"] or ["spec", _, "env", "valueFrom", "secretKeyRef", "name"] when IsContainers(path[1]) => "Secret",
        _ => null,
    };

    private static bool IsContainers(string list) => list is "containers" or "initContainers" or "ephemeralContainers";

    private static void Visit(JsonNode? node, List<string> path, string field, Func<string, string, string, JsonObject, string> visit)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var (index, item) in items.Index())
                    Visit(item, path, $"{field}[{index}]", visit);
                break;
            case JsonObject item:
                foreach (var (name, value) in item.ToList())
                {
                    path.Add(name);
                    var below = field.Length == 0 ? name : $"{field}.{name}";
                    if (value is JsonValue text && text.TryGetValue(out string? named) && named.Length > 0 && KindAt(path) is { } kind)
                        item[name] = visit(kind, named, below, item);
                    else
                        Visit(value, path, below, visit);
                    path.RemoveAt(path.Count - 1);
                }
                break;
        }
    }
}
