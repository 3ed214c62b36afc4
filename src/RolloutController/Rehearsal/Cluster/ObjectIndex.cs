namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// Finds the objects of a namespace by a label and by an owner, so that what one of hundreds of workloads costs does not grow with the others. Not safe
/// for several threads: the cluster locks around its store.
/// </summary>
internal sealed class ObjectIndex
{
    // A term is a label with its value or the uid of an owner, in which no = can be.
    private readonly Dictionary<(string Key, string Namespace, string Term), SortedDictionary<ResourceName, StoredObject>> _objects = [];

    /// <summary>The objects of a kind with a label, by name.</summary>
    public IEnumerable<StoredObject> Labelled(string key, string @namespace, string label, string value) => Find((key, @namespace, Term(label, value)));

    /// <summary>The objects of a kind with an owner, by name.</summary>
    public IEnumerable<StoredObject> Owned(string key, string @namespace, string uid) => Find((key, @namespace, uid));

    /// <summary>Takes the next version of an object.</summary>
    /// <param name="old">The version before; null for a new object.</param>
    /// <param name="now">The version now; null for an object that is gone.</param>
    public void Take(StoredObject? old, StoredObject? now)
    {
        foreach (var term in old is null ? [] : Terms(old))
        {
            var place = (old!.Key, old.Namespace, term);
            if (_objects.GetValueOrDefault(place) is { } objects && objects.Remove(NameOf(old)) && objects.Count == 0)
                _objects.Remove(place);
        }

        foreach (var term in now is null ? [] : Terms(now))
        {
            var place = (now!.Key, now.Namespace, term);
            if (!_objects.TryGetValue(place, out var objects))
                _objects[place] = objects = [];
            objects[NameOf(now)] = now;
        }
    }

    private IEnumerable<StoredObject> Find((string, string, string) place) => _objects.GetValueOrDefault(place)?.Values ?? Enumerable.Empty<StoredObject>();

    private static ResourceName NameOf(StoredObject item) => new(item.Namespace, item.Name);

    private static IEnumerable<string> Terms(StoredObject item) =>
        (item.Labels() ?? []).Select(label => Term(label.Key, (string?)label.Value ?? "")).Concat(item.Owners);

    private static string Term(string label, string value) => $"{label}={value}";
}
