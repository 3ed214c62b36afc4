using System.Text.Json.Nodes;
using System.Threading.Channels;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Deletes what has no owner left, and lets go of owners that are deleted with or without what they own (finalizers <c>orphan</c> and
/// <c>foregroundDeletion</c>).
/// </summary>
public sealed class GarbageCollector
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    private readonly EmbeddedCluster _cluster;
    private readonly Channel<ObjectChange> _changes = Channel.CreateUnbounded<ObjectChange>();
    private readonly Dictionary<string, StoredObject> _alive = [];
    private readonly Dictionary<string, List<StoredObject>> _dependents = [];

    /// <summary>Makes a collector that has seen everything from here on; make it before anything has an owner.</summary>
    public GarbageCollector(EmbeddedCluster cluster)
    {
        _cluster = cluster;
        cluster.Committed += change => _changes.Writer.TryWrite(change);
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // ReadAllAsync goes on outside the context that it is called in, and so on another thread than that of a virtual clock.
        while (true)
        {
            var change = await _changes.Reader.ReadAsync(cancellationToken);
            Note(change);
            if (change.New is { } item)
                Attend(item);
            else
                OfGone(change.Old!);
        }
    }

    private void Note(ObjectChange change)
    {
        if (change.Old is { } old)
        {
            foreach (var owner in old.Owners)
                _dependents.GetValueOrDefault(owner)?.RemoveAll(dependent => dependent.Uid == old.Uid);
        }
        foreach (var owner in change.New?.Owners ?? [])
        {
            if (!_dependents.TryGetValue(owner, out var dependents))
                _dependents[owner] = dependents = [];
            dependents.Add(change.New!);
        }
        if (change.New is { } now)
            _alive[now.Uid] = now;
        else
            _alive.Remove(change.Old!.Uid);
    }

    private void OfGone(StoredObject gone)
    {
        foreach (var dependent in Dependents(gone.Uid))
            Attend(dependent);
        _dependents.Remove(gone.Uid);
        foreach (var owner in gone.Owners.Where(_alive.ContainsKey))
            Recheck(owner);
    }

    private void Attend(StoredObject item)
    {
        if (item.Owners.Count > 0 && !item.Owners.Any(_alive.ContainsKey))
            DeleteIfSame(item);
        else if (!item.Owners.All(_alive.ContainsKey))
            Edit(item, metadata => TakeOwners(metadata, uid => !_alive.ContainsKey(uid)));
        if (item.IsTerminating)
            Finalize(item);
    }

    private void Finalize(StoredObject owner)
    {
        if (Has(owner, Orphan))
        {
            foreach (var dependent in Dependents(owner.Uid))
                Edit(dependent, metadata => TakeOwners(metadata, uid => uid == owner.Uid));
            Edit(owner, metadata => TakeFinalizer(metadata, Orphan));
        }
        else if (Has(owner, Foreground))
        {
            foreach (var dependent in Dependents(owner.Uid).Where(dependent => !dependent.IsTerminating))
                DeleteIfSame(dependent);
            Release(owner);
        }
    }

    /// <summary>Whoever is deleted in the foreground may be waiting for the last of what it owns.</summary>
    private void Recheck(string uid)
    {
        var known = _alive[uid];
        if (_cluster.Find(known.Plural, known.Namespace, known.Name) is { } owner && owner.Uid == uid && Has(owner, Foreground))
            Release(owner);
    }

    private void Release(StoredObject owner)
    {
        if (!Dependents(owner.Uid).Any(dependent => _alive.ContainsKey(dependent.Uid) && Blocks(dependent, owner.Uid)))
            Edit(owner, metadata => TakeFinalizer(metadata, Foreground));
    }

    private void DeleteIfSame(StoredObject item)
    {
        if (_cluster.Find(item.Plural, item.Namespace, item.Name)?.Uid == item.Uid)
            _cluster.Delete(item.Plural, item.Namespace, item.Name);
    }

    private void Edit(StoredObject item, Action<JsonObject> edit)
    {
        if (_cluster.Find(item.Plural, item.Namespace, item.Name)?.Uid == item.Uid)
            _cluster.Change(item.Plural, item.Namespace, item.Name, json => edit(json["metadata"]!.AsObject()));
    }

    private List<StoredObject> Dependents(string uid) => [.. _dependents.GetValueOrDefault(uid) ?? []];

    private static IEnumerable<JsonObject> References(StoredObject item) => (item.Json["metadata"]!["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>();

    private static bool Blocks(StoredObject dependent, string owner) =>
        References(dependent).Any(reference => (string?)reference["uid"] == owner && (bool?)reference["blockOwnerDeletion"] == true);

    private static bool Has(StoredObject item, string finalizer) =>
        (item.Json["metadata"]!["finalizers"] as JsonArray ?? []).Any(name => (string?)name == finalizer);

    private static void TakeFinalizer(JsonObject metadata, string finalizer) =>
        metadata["finalizers"] = Without(metadata["finalizers"], name => (string?)name == finalizer);

    private static void TakeOwners(JsonObject metadata, Predicate<string> which)
    {
        if (Without(metadata["ownerReferences"], reference => which((string)reference!["uid"]!)) is { } left)
            metadata["ownerReferences"] = left;
        else
            metadata.Remove("ownerReferences");
    }

    private static JsonArray? Without(JsonNode? list, Predicate<JsonNode?> which)
    {
        var left = (list as JsonArray ?? []).Where(item => !which(item)).Select(item => item?.DeepClone()).ToArray();
        return left.Length == 0 ? null : new JsonArray(left);
    }
}
