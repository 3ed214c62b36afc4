namespace RolloutController.Kubernetes;

/// <summary>
/// The objects of an informer. An object never goes back to an older state, whichever of list, watch and own writes brings it
/// first. A scope is one namespace that is watched, or <see cref="AllNamespaces"/>.
/// </summary>
internal sealed class InformerStore<T>
    where T : class, IKubernetesObject
{
    public const string AllNamespaces = "";

    // Two locks: changes are made and told one after another under the first; readers, the told ones among them, only meet the second.
    private readonly Lock _order = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, T> _objects = [];
    private readonly Dictionary<string, InformerIndex<T>> _indexes;
    private readonly Dictionary<string, string> _positions = [];

    // What we deleted or know to be gone, by uid, until the watch has come as far.
    private readonly Dictionary<string, Deletion> _deleted = [];
    private readonly Dictionary<ObjectKey, UnreadableObject> _unreadable = [];
    private readonly Action<Change<T>> _publish;
    private readonly Action<T, Exception>? _refuse;
    private T[]? _snapshot;

    /// <summary>Makes an empty store.</summary>
    /// <param name="indexes">The values that each index finds an object by.</param>
    /// <param name="publish">Told of every change.</param>
    /// <param name="refuse">Told of an object that an index cannot take: it stays as it was, and the others come in.</param>
    public InformerStore(IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> indexes, Action<Change<T>> publish, Action<T, Exception>? refuse = null)
    {
        _indexes = indexes.ToDictionary(index => index.Key, index => new InformerIndex<T>(index.Value));
        _publish = publish;
        _refuse = refuse;
    }

    /// <summary>Told of each object that cannot be read, once until it can be.</summary>
    public event Action<UnreadableObject>? FoundUnreadable;

    /// <summary>The objects that cannot be read now; the list does not change later.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable
    {
        get
        {
            lock (_order)
                return [.. _unreadable.Values];
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _objects.Count;
        }
    }

    public T? Get(ObjectKey key)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(key);
    }

    public IReadOnlyCollection<T> List()
    {
        lock (_gate)
            return _snapshot ??= [.. _objects.Values];
    }

    public IReadOnlyList<T> ByIndex(string index, string value)
    {
        if (!_indexes.TryGetValue(index, out var found))
            throw new ArgumentException($"There is no index \"{index}\"; there are: {string.Join(", ", _indexes.Keys)}.", nameof(index));
        lock (_gate)
            return found.Find(value);
    }

    /// <summary>The version up to which the store holds everything of a scope; null before its first list.</summary>
    public string? Position(string scope)
    {
        lock (_order)
            return _positions.GetValueOrDefault(scope);
    }

    /// <summary>Takes a list as the whole of a scope: what is not in it is gone, unless it is newer than the list.</summary>
    public void Replace(string scope, ResourceList<T> list)
    {
        lock (_order)
        {
            // A list older than what was seen means that the API's storage was restored from a backup: then the list is right.
            var restored = _positions.TryGetValue(scope, out var position) && !ResourceVersions.IsAtLeast(list.ResourceVersion, position);
            var listed = list.Items.Select(item => item.Metadata.Key).Concat(list.Unreadable.Select(item => item.Key)).ToHashSet();
            foreach (var item in InScope(scope))
            {
                if (!listed.Contains(item.Metadata.Key) && (restored || ResourceVersions.IsAtLeast(list.ResourceVersion, Version(item))))
                    Remove(item);
            }

            ForgetDeleted(scope, restored ? [] : list.Items);
            foreach (var item in list.Items)
                Put(item, evenIfOlder: restored);
            _positions[scope] = list.ResourceVersion;
            foreach (var gone in _unreadable.Keys.Where(key => IsIn(scope, key) && !listed.Contains(key)).ToList())
                _unreadable.Remove(gone);
            foreach (var item in list.Unreadable)
                Mark(item);
        }
    }

    /// <summary>Takes an event of a watch, and with it the position that the watch has reached.</summary>
    public void Apply(string scope, WatchEvent<T> change)
    {
        lock (_order)
        {
            if (change is { Type: WatchEventType.Added or WatchEventType.Modified, Object: { } item })
                Put(item, evenIfOlder: false);
            else if (change.Type == WatchEventType.Deleted)
                RemoveIfKnownAt(change);
            if (change is { Type: WatchEventType.Deleted, Object: { } gone })
                _deleted.Remove(gone.Metadata.Uid);
            if (change.Type == WatchEventType.Deleted)
                _unreadable.Remove(change.Key);
            Advance(scope, change.ResourceVersion);
        }
    }

    /// <summary>Takes the live state of an object in place of an event that could not be read; null when there is no such object.</summary>
    public void ApplyLive(string scope, WatchEvent<T> unreadable, T? live)
    {
        lock (_order)
        {
            if (live is not null)
                Put(live, evenIfOlder: false);
            else
                RemoveIfKnownAt(unreadable);
            Advance(scope, unreadable.ResourceVersion);
        }
    }

    /// <summary>Takes note of an object that cannot be read at all; its last readable state stays.</summary>
    public void ApplyUnreadable(string scope, WatchEvent<T> unreadable)
    {
        lock (_order)
        {
            Mark(new UnreadableObject(unreadable.Key, Get(unreadable.Key)?.Metadata.Uid ?? ""));
            Advance(scope, unreadable.ResourceVersion);
        }
    }

    /// <summary>Takes the result of our own write, unless the watch has passed it: what the store has, or has not, is then the newer state.</summary>
    public void Remember(string scope, T written)
    {
        lock (_order)
        {
            if (_positions.TryGetValue(scope, out var position) && !ResourceVersions.IsAtLeast(position, Version(written)))
                Put(written, evenIfOlder: false);
        }
    }

    /// <summary>Takes an object that we deleted for gone before the watch tells. One with finalizers comes back, marked as going.</summary>
    public void RememberDeleted(T deleted) => Take(deleted, mayComeBack: true);

    /// <summary>Takes an object for gone that the API no longer has: whatever the watch still tells of it is the past.</summary>
    public void RememberGone(T gone) => Take(gone, mayComeBack: false);

    /// <summary>Forgets a scope, as the API no longer serves the kind.</summary>
    public void Clear(string scope)
    {
        lock (_order)
        {
            foreach (var item in InScope(scope))
                Remove(item);
            _positions.Remove(scope);
        }
    }

    private void Take(T deleted, bool mayComeBack)
    {
        lock (_order)
        {
            if (Get(deleted.Metadata.Key) is not { } known || known.Metadata.Uid != deleted.Metadata.Uid)
                return;
            _deleted[deleted.Metadata.Uid] = new Deletion(deleted.Metadata.Namespace, mayComeBack);
            Remove(known);
        }
    }

    private static string Version(T item) => item.Metadata.ResourceVersion;

    private void Advance(string scope, string version)
    {
        // An unreadable event may not even tell its version.
        if (version.Length > 0)
            _positions[scope] = version;
    }

    private T[] InScope(string scope)
    {
        lock (_gate)
            return [.. _objects.Values.Where(item => IsIn(scope, item.Metadata.Key))];
    }

    private static bool IsIn(string scope, ObjectKey key) => scope == AllNamespaces || key.Namespace == scope;

    private void Mark(UnreadableObject item)
    {
        if (_unreadable.TryAdd(item.Key, item))
            FoundUnreadable?.Invoke(item);
    }

    private void Put(T item, bool evenIfOlder)
    {
        if (_deleted.TryGetValue(item.Metadata.Uid, out var deletion) && !(deletion.MayComeBack && item.Metadata.DeletionTimestamp is not null))
            return;
        _unreadable.Remove(item.Metadata.Key);
        var old = Get(item.Metadata.Key);
        if (old is not null && !evenIfOlder && !ResourceVersions.IsAtLeast(Version(item), Version(old)))
            return;
        if (!CanIndex(item))
            return;
        if (old is not null && old.Metadata.Uid != item.Metadata.Uid)
        {
            Remove(old);
            old = null;
        }

        if (old is not null && Version(old) == Version(item))
            return;
        Set(item.Metadata.Key, old, item);
    }

    private void ForgetDeleted(string scope, IReadOnlyList<T> listed)
    {
        if (_deleted.Count == 0)
            return;
        var there = listed.Select(item => item.Metadata.Uid).ToHashSet();
        foreach (var (uid, _) in _deleted.Where(entry => (scope == AllNamespaces || entry.Value.Namespace == scope) && !there.Contains(entry.Key)).ToList())
            _deleted.Remove(uid);
    }

    private bool CanIndex(T item)
    {
        try
        {
            foreach (var index in _indexes.Values)
                index.ValuesOf(item);
            return true;
        }
#pragma warning disable CA1031 // Whatever one object does to an index must not keep the others out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _refuse?.Invoke(item, exception);
            return false;
        }
    }

    private void RemoveIfKnownAt(WatchEvent<T> deletion)
    {
        if (Get(deletion.Key) is { } old && ResourceVersions.IsAtLeast(deletion.ResourceVersion, Version(old)))
            Remove(old);
    }

    private void Remove(T item) => Set(item.Metadata.Key, item, null);

    private void Set(ObjectKey key, T? old, T? now)
    {
        lock (_gate)
        {
            _snapshot = null;
            if (now is not null)
                _objects[key] = now;
            else
                _objects.Remove(key);
            foreach (var index in _indexes.Values)
            {
                if (old is not null)
                    index.Remove(old);
                if (now is not null)
                    index.Add(now);
            }
        }

        _publish(new Change<T>(old, now));
    }

    /// <summary>What is known of an object that the watch has not yet told the end of.</summary>
    /// <param name="Namespace">Its namespace.</param>
    /// <param name="MayComeBack">Whether it may still be there, marked as going.</param>
    private readonly record struct Deletion(string Namespace, bool MayComeBack);
}
