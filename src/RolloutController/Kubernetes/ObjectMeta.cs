namespace RolloutController.Kubernetes;

/// <summary>The metadata that a controller needs of any object. <c>managedFields</c> is never read.</summary>
/// <remarks>
/// The source generator hands a null to the init accessor of every property that the JSON lacks, past the initializer
/// (dotnet/runtime#84484), so each accessor puts the default back.
/// </remarks>
public sealed record ObjectMeta
{
    /// <summary>The name, unique within kind and namespace.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The namespace.</summary>
    public string Namespace { get; init => field = value ?? ""; } = "";

    /// <summary>The identity of this very object: an object made anew under the same name has another.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>The version of this state of the object, opaque but for the comparison in <see cref="ResourceVersions"/>.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Counts the changes of the spec; 0 for kinds that do not count them.</summary>
    public long Generation { get; init; }

    /// <summary>When the object was made.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(KubernetesTimeConverter))]
    public DateTimeOffset CreationTimestamp { get; init; }

    /// <summary>When the object was asked to go; null while it is not being deleted.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? Defaults.Map; } = Defaults.Map;

    /// <summary>The annotations.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init => field = value ?? Defaults.Map; } = Defaults.Map;

    /// <summary>The finalizers that deletion waits for.</summary>
    public IReadOnlyList<string> Finalizers { get; init => field = value ?? []; } = [];

    /// <summary>The owners.</summary>
    public IReadOnlyList<OwnerReference> OwnerReferences { get; init => field = value ?? []; } = [];

    /// <summary>Namespace and name.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>The owner that controls the object, or null where none does.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public OwnerReference? Controller => OwnerReferences.FirstOrDefault(owner => owner.Controller);
}

/// <summary>Names an owner of an object.</summary>
public sealed record OwnerReference
{
    /// <summary>The owner's <c>apiVersion</c>.</summary>
    public string ApiVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The owner's kind.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>The owner's name, in the same namespace.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The owner's identity.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>Whether this owner controls the object; one owner at the most does.</summary>
    public bool Controller { get; init; }
}
