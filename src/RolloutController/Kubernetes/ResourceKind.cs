using System.Text.Json.Serialization.Metadata;

namespace RolloutController.Kubernetes;

/// <summary>An object as the Kubernetes API serves it, read into a narrow typed record.</summary>
public interface IKubernetesObject
{
    /// <summary>The object's metadata.</summary>
    ObjectMeta Metadata { get; }
}

/// <summary>A kind of object: where the API serves it and how it is read.</summary>
/// <typeparam name="T">The narrow record that the objects are read into.</typeparam>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The API version, such as <c>v1</c>.</param>
/// <param name="Kind">The kind, such as <c>ReplicaSet</c>.</param>
/// <param name="Plural">The name in request paths, such as <c>replicasets</c>.</param>
/// <param name="TypeInfo">How the JSON is read; source generated, so that trimming holds.</param>
public sealed record ResourceKind<T>(string Group, string Version, string Kind, string Plural, JsonTypeInfo<T> TypeInfo)
    where T : class, IKubernetesObject
{
    /// <summary>The <c>apiVersion</c> of the kind's objects: <c>group/version</c>, or the version alone in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}

/// <summary>Names an object within its kind.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Name">The name.</param>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
