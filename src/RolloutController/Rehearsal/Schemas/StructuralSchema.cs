using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>The rules of a version of a custom resource: its schema. Safe for use by several threads.</summary>
internal sealed class StructuralSchema : IResourceRules, IMergeRules
{
    private readonly SchemaNode _root;
    private readonly ScalePaths? _scale;

    /// <summary>Reads the schema of a version.</summary>
    /// <param name="schema">The <c>openAPIV3Schema</c>.</param>
    /// <param name="path">Where it is, for errors.</param>
    /// <param name="scale">Where its scale subresource reads the wanted count; null where it has none.</param>
    /// <exception cref="SchemaException">It cannot be read, or asks for what this implementation does not do.</exception>
    public StructuralSchema(JsonObject schema, string path = "openAPIV3Schema", ScalePaths? scale = null) =>
        (_root, _scale) = (SchemaReader.Read(schema, path), scale);

    /// <inheritdoc/>
    public IMergeRules Merge => this;

    /// <inheritdoc/>
    public IReadOnlyList<string> Prune(JsonObject item, JsonObject? old = null)
    {
        var unknown = ObjectMetadata.Prune(item).Concat(Pruning.Prune(item, _root, old)).Order(StringComparer.Ordinal).ToList();
        Defaulting.RemoveNulls(item, _root);
        return unknown;
    }

    /// <inheritdoc/>
    public void Default(JsonObject item)
    {
        Defaulting.Apply(item, _root);
        FieldOrder.ByName(item);
    }

    /// <inheritdoc/>
    public IReadOnlyList<FieldProblem> Validate(JsonObject item, JsonObject? old)
    {
        List<FieldProblem> problems =
        [
            .. ObjectMetadata.Check(item, NameRules.Subdomain),
            .. SchemaValidation.Check(item, _root, "", Earlier.Object(old)),
            .. ListUniqueness.Check(item, _root) is { Count: > 0 } twice && (old is null || ListUniqueness.Check(old, _root).Count == 0) ? twice : [],
            .. _scale is null ? [] : ScaleCount.Check(item, _scale.Spec),
        ];
        if (!_root.HasRules)
            return problems;
        return problems.Any(FieldProblems.BlocksRules)
            ? [.. problems, FieldProblems.RulesNotChecked]
            : [.. problems, .. RuleValidation.Check(item, old, _root)];
    }

    /// <inheritdoc/>
    public ListMerge Of(IReadOnlyList<string> path) => path is ["metadata", ..] ? FreeForm.Instance.Of(path) : Find(path).List;

    /// <inheritdoc/>
    public bool IsAtomic(IReadOnlyList<string> path) => Find(path).IsAtomicMap;

    /// <summary>Custom resources take no strategic merge patches.</summary>
    public string? PatchKey(IReadOnlyList<string> path) => null;

    private SchemaNode Find(IReadOnlyList<string> path)
    {
        var node = _root;
        foreach (var name in path)
            node = ItemsOf(node).Child(name) ?? SchemaNode.Unknown;
        return node;
    }

    private static SchemaNode ItemsOf(SchemaNode node) => node.Items is { } items ? ItemsOf(items) : node;
}
