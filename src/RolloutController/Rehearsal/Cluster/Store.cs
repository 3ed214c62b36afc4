using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>What is stored, and the last commits for those who watch. Not safe for several threads: the cluster locks around it.</summary>
internal sealed class Store
{
    /// <summary>How many commits are remembered; a watch that asks for older ones is told that they are gone.</summary>
    public const int Remembered = 10_000;

    private readonly Dictionary<string, SortedDictionary<ResourceName, StoredObject>> _objects = [];
    private readonly ObjectIndex _index = new();
    private readonly List<ObjectChange> _history = [];
    private long _compacted;

    /// <summary>Told of every commit.</summary>
    public event Action<ObjectChange>? Committed;

    /// <summary>The resourceVersion of the last commit.</summary>
    public long Version { get; private set; }

    /// <summary>One object; null when there is none.</summary>
    public StoredObject? Find(string key, ResourceName name) => _objects.GetValueOrDefault(key)?.GetValueOrDefault(name);

    /// <summary>The objects of a kind, of one namespace or of all.</summary>
    public IEnumerable<StoredObject> List(string key, string? @namespace) =>
        (_objects.GetValueOrDefault(key)?.Values ?? Enumerable.Empty<StoredObject>()).Where(item => @namespace is null || item.Namespace == @namespace);

    /// <summary>The objects of a kind in a namespace with a label.</summary>
    public IEnumerable<StoredObject> Labelled(string key, string @namespace, string label, string value) => _index.Labelled(key, @namespace, label, value);

    /// <summary>The objects of a kind in a namespace with an owner.</summary>
    public IEnumerable<StoredObject> Owned(string key, string @namespace, string uid) => _index.Owned(key, @namespace, uid);

    /// <summary>The objects of a kind as they were at a version.</summary>
    /// <exception cref="ApiFailure">The version is forgotten.</exception>
    public IEnumerable<StoredObject> ListAt(string key, string? @namespace, long version)
    {
        if (version < _compacted)
            throw new ApiFailure(HttpStatusCode.Gone, "Expired", "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.");
        var then = new SortedDictionary<ResourceName, StoredObject>();
        foreach (var item in List(key, @namespace))
            then[new ResourceName(item.Namespace, item.Name)] = item;
        foreach (var change in _history.Where(change => change.Version > version && change.Object.Key == key && (@namespace is null || change.Object.Namespace == @namespace)).Reverse())
        {
            var name = new ResourceName(change.Object.Namespace, change.Object.Name);
            if (change.Old is { } old)
                then[name] = old;
            else
                then.Remove(name);
        }
        return then.Values;
    }

    /// <summary>Writes a version of an object.</summary>
    public StoredObject Put(string key, string plural, JsonObject json)
    {
        json["metadata"]!["resourceVersion"] = (++Version).ToString(CultureInfo.InvariantCulture);
        var written = new StoredObject(key, plural, json);
        if (!_objects.TryGetValue(key, out var objects))
            _objects[key] = objects = [];
        var name = new ResourceName(written.Namespace, written.Name);
        var old = objects.GetValueOrDefault(name);
        objects[name] = written;
        Commit(new ObjectChange(old, written, Version));
        return written;
    }

    /// <summary>Takes an object away.</summary>
    public void Remove(string key, StoredObject item)
    {
        _objects[key].Remove(new ResourceName(item.Namespace, item.Name));
        Commit(new ObjectChange(item, null, ++Version));
    }

    /// <summary>The commits after a version, oldest first.</summary>
    /// <exception cref="ApiFailure">Some of them are forgotten.</exception>
    public IEnumerable<ObjectChange> Since(long version)
    {
        if (version < _compacted)
            throw new ApiFailure(HttpStatusCode.Gone, "Expired", $"too old resource version: {version} ({_compacted})");
        return _history.Where(change => change.Version > version);
    }

    /// <summary>Forgets all commits so far, as etcd does from time to time.</summary>
    public void Compact()
    {
        _history.Clear();
        _compacted = Version;
    }

    private void Commit(ObjectChange change)
    {
        _index.Take(change.Old, change.New);
        _history.Add(change);
        if (_history.Count >= 2 * Remembered)
        {
            _compacted = _history[Remembered - 1].Version;
            _history.RemoveRange(0, Remembered);
        }
        Committed?.Invoke(change);
    }
}
