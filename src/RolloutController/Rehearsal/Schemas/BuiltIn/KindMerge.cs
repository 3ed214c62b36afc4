using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>How objects of a built-in kind merge, by the types of their fields.</summary>
internal sealed class KindMerge(KindType.Object root) : IMergeRules
{
    /// <inheritdoc/>
    public ListMerge Of(IReadOnlyList<string> path) => Find(path)?.Merge ?? new ListMerge.Atomic();

    /// <inheritdoc/>
    public string? PatchKey(IReadOnlyList<string> path) => Find(path)?.PatchKey;

    /// <inheritdoc/>
    public bool IsAtomic(IReadOnlyList<string> path) => Find(path) is { } field && (field.IsWhole || field.Type is KindType.Object { IsWhole: true });

    private KindField? Find(IReadOnlyList<string> path)
    {
        KindType? type = root;
        KindField? found = null;
        foreach (var name in path)
        {
            found = ItemsOf(type) is KindType.Object fields ? fields.Fields.GetValueOrDefault(name) : null;
            type = found?.Type ?? (ItemsOf(type) as KindType.Map)?.Value;
        }

        return found;
    }

    private static KindType? ItemsOf(KindType? type) => type is KindType.List list ? ItemsOf(list.Item) : type;
}
