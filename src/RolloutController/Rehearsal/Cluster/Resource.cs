using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>A kind in one version, as it is served.</summary>
/// <param name="Group">Its API group; empty for the core.</param>
/// <param name="Version">The version in which it is served here.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Plural">Its name in paths.</param>
/// <param name="Namespaced">Whether its objects are in namespaces.</param>
internal sealed record Resource(string Group, string Version, string Kind, string Plural, bool Namespaced)
{
    /// <summary>Under what its objects are stored; kinds that are stored as others name those.</summary>
    public string StorageKey { get; init; } = $"{Plural}.{Group}";

    /// <summary>Its singular.</summary>
    public string Singular { get; init; } = Kind.ToLowerInvariant();

    /// <summary>What people call it.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>The groups of kinds that it belongs to.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether its status is written apart from the rest.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether <c>metadata.generation</c> counts the changes of what is wanted.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>Where its scale subresource reads and writes; null when it has none.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>The fields by which objects can be selected.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Whether an update has to name the version that it replaces.</summary>
    public bool RequiresVersion => IsCustom || Plural is "leases" or "endpointslices" or "poddisruptionbudgets" or "customresourcedefinitions";

    /// <summary>Whether it is served by a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Whether its objects are questions, which are answered and not stored.</summary>
    public bool IsQuestion { get; init; }

    /// <summary>Whether what its objects own stays when they are deleted and nobody says how.</summary>
    public bool OrphansByDefault { get; init; }

    /// <summary>How its objects are defaulted and judged.</summary>
    public IResourceRules Rules { get; init; } = FreeForm.Instance;

    /// <summary>Columns of <c>kubectl get</c> between name and age.</summary>
    public IReadOnlyList<PrinterColumn> Columns { get; init; } = [];

    /// <summary>Turns an object of this version into the one that is stored.</summary>
    public Func<JsonObject, JsonObject>? ToStored { get; init; }

    /// <summary>Turns a stored object into one of this version.</summary>
    public Func<JsonObject, JsonObject>? FromStored { get; init; }

    /// <summary>Group and version as objects carry them.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Plural and group as messages name them.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>A stored object as this version shows it.</summary>
    public JsonObject View(StoredObject stored) => FromStored?.Invoke(stored.Json) ?? InVersion(stored.Json);

    /// <summary>A stored object as this version sends it.</summary>
    public ReadOnlyMemory<byte> Send(StoredObject stored) =>
        FromStored is null && (string?)stored.Json["apiVersion"] == ApiVersion ? stored.Utf8 : StoredObject.Write(View(stored));

    private JsonObject InVersion(JsonObject json)
    {
        if ((string?)json["apiVersion"] == ApiVersion)
            return json;
        var view = json.DeepClone().AsObject();
        view["apiVersion"] = ApiVersion;
        return view;
    }
}

/// <summary>Where a scale subresource reads and writes, as dotted paths.</summary>
/// <param name="Spec">The wanted count.</param>
/// <param name="Status">The present count.</param>
/// <param name="Selector">The label selector: text in a custom resource, a structure in built-in kinds.</param>
internal sealed record ScalePaths(string Spec, string Status, string? Selector);

/// <summary>A column of <c>kubectl get</c>.</summary>
/// <param name="Name">Its head.</param>
/// <param name="Type">Its type: string, integer or date.</param>
/// <param name="Path">The path of the field.</param>
/// <param name="Priority">0 for always, above for <c>-o wide</c>.</param>
/// <param name="Description">What it shows.</param>
internal sealed record PrinterColumn(string Name, string Type, string Path, int Priority = 0, string Description = "");

/// <summary>How the objects of a kind are defaulted and judged.</summary>
internal interface IResourceRules
{
    /// <summary>Takes out the fields that the kind does not know, and tells their paths.</summary>
    /// <param name="item">The object, which is changed.</param>
    /// <param name="old">The version before; null for a new object. What is as it was there is left alone, as it was pruned then.</param>
    IReadOnlyList<string> Prune(JsonObject item, JsonObject? old = null);

    /// <summary>Writes what the API makes up for a new object, which has its name and uid.</summary>
    void Generate(JsonObject item)
    {
    }

    /// <summary>Writes the defaults of fields that were left out.</summary>
    void Default(JsonObject item);

    /// <summary>What is wrong with an object.</summary>
    /// <param name="item">The object, defaulted.</param>
    /// <param name="old">The version before; null for a new object.</param>
    IReadOnlyList<FieldProblem> Validate(JsonObject item, JsonObject? old);

    /// <summary>How lists merge.</summary>
    IMergeRules Merge { get; }
}

/// <summary>How lists are merged.</summary>
internal interface IMergeRules
{
    /// <summary>How server-side apply merges a list.</summary>
    /// <param name="path">The names of the fields on the way there; items of lists add nothing.</param>
    ListMerge Of(IReadOnlyList<string> path);

    /// <summary>Whether server-side apply replaces an object as a whole.</summary>
    /// <param name="path">The names of the fields on the way there; items of lists add nothing.</param>
    bool IsAtomic(IReadOnlyList<string> path) => false;

    /// <summary>The key by which a strategic merge patch merges a list: empty for values, which are added; null when it replaces the list.</summary>
    string? PatchKey(IReadOnlyList<string> path);
}

/// <summary>How server-side apply merges a list.</summary>
internal abstract record ListMerge
{
    /// <summary>As a whole.</summary>
    public sealed record Atomic : ListMerge;

    /// <summary>As a set of values.</summary>
    public sealed record Set : ListMerge;

    /// <summary>By the keys of its items.</summary>
    public sealed record Map(IReadOnlyList<string> Keys) : ListMerge
    {
        /// <summary>What a key is where an item does not have it; most have to be there.</summary>
        public IReadOnlyDictionary<string, JsonNode> Defaults { get; init; } = new Dictionary<string, JsonNode>();
    }
}

/// <summary>A kind that takes everything.</summary>
internal sealed class FreeForm : IResourceRules, IMergeRules
{
    public static FreeForm Instance { get; } = new();

    public IMergeRules Merge => this;

    public IReadOnlyList<string> Prune(JsonObject item, JsonObject? old = null) => [];

    public void Default(JsonObject item)
    {
    }

    public IReadOnlyList<FieldProblem> Validate(JsonObject item, JsonObject? old) => [];

    public ListMerge Of(IReadOnlyList<string> path) => path is ["metadata", "ownerReferences"]
        ? new ListMerge.Map(["uid"])
        : path is ["metadata", "finalizers"] ? new ListMerge.Set() : new ListMerge.Atomic();

    public string? PatchKey(IReadOnlyList<string> path) => path is ["metadata", "ownerReferences"] ? "uid" : null;
}
