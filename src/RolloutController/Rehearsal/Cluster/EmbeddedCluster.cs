using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster.Patching;
using RolloutController.Rehearsal.Schemas.BuiltIn;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// A Kubernetes API in memory. This is its inside, for the controllers that are simulated beside it; clients reach it as an API server by
/// <see cref="ApiHandler"/>. Safe for use by several threads.
/// </summary>
public sealed class EmbeddedCluster
{
    private readonly Lock _gate = new();
    private readonly Store _store = new();
    private readonly Writer _writer;

    /// <summary>Makes a cluster that serves the kinds of Kubernetes itself, with the namespaces <c>default</c> and <c>kube-system</c>.</summary>
    /// <param name="clock">The clock of creation and deletion times.</param>
    /// <param name="random">What generated names and uids are drawn from: the same seed gives the same names.</param>
    public EmbeddedCluster(TimeProvider clock, Random random)
    {
        Clock = clock;
        Resources.Judge(BuiltInRules.Of);
        _writer = new Writer(_store, Resources, clock, random);
        _store.Committed += change => Committed?.Invoke(change);
        foreach (var name in (string[])["default", "kube-system"])
            Create("namespaces", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } });
    }

    /// <summary>
    /// Told of every commit, in order, while the cluster is locked: handlers only take note (put a key into a queue) and never call back.
    /// </summary>
    public event Action<ObjectChange>? Committed;

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; }

    /// <summary>What pods have written.</summary>
    public PodLogs Logs { get; } = new();

    /// <summary>The kinds that are served.</summary>
    internal ResourceTable Resources { get; } = new();

    /// <summary>The present version of an object; null when there is none.</summary>
    /// <param name="plural">The plural of its kind, such as <c>replicasets</c>.</param>
    /// <param name="namespace">Its namespace; empty for kinds that have none.</param>
    /// <param name="name">Its name.</param>
    public StoredObject? Find(string plural, string @namespace, string name)
    {
        lock (_gate)
            return _store.Find(Resources.Stored(plural).StorageKey, new ResourceName(@namespace, name));
    }

    /// <summary>The objects of a kind, by namespace and name, of one namespace or of all.</summary>
    public IReadOnlyList<StoredObject> List(string plural, string? @namespace = null)
    {
        lock (_gate)
            return [.. _store.List(Resources.Stored(plural).StorageKey, @namespace)];
    }

    /// <summary>The objects of a kind in a namespace with a label, by name.</summary>
    public IReadOnlyList<StoredObject> Labelled(string plural, string @namespace, string label, string value)
    {
        lock (_gate)
            return [.. _store.Labelled(Resources.Stored(plural).StorageKey, @namespace, label, value)];
    }

    /// <summary>The objects of a kind in a namespace that an object owns, by name.</summary>
    public IReadOnlyList<StoredObject> Owned(string plural, string @namespace, string uid)
    {
        lock (_gate)
            return [.. _store.Owned(Resources.Stored(plural).StorageKey, @namespace, uid)];
    }

    /// <summary>Creates an object, defaulted and validated as by a request; the namespace is that of its metadata.</summary>
    /// <exception cref="ApiFailure">The API refuses it.</exception>
    public StoredObject Create(string plural, JsonObject body) => Create(Resources.Stored(plural), StoredObject.Reread(body), new WriteOptions());

    /// <summary>
    /// Changes the present version of an object in one step, so without conflicts; an edit that changes nothing writes nothing.
    /// </summary>
    /// <param name="plural">The plural of its kind.</param>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="edit">Changes a copy of the object.</param>
    /// <param name="subresource"><c>status</c> to change the status alone; null for everything else.</param>
    /// <returns>The version that is stored now; null when there is no such object.</returns>
    /// <exception cref="ApiFailure">The API refuses what came out.</exception>
    public StoredObject? Change(string plural, string @namespace, string name, Action<JsonObject> edit, string? subresource = null)
    {
        var resource = Resources.Stored(plural);
        lock (_gate)
        {
            if (_store.Find(resource.StorageKey, new ResourceName(@namespace, name)) is not { } found)
                return null;
            var item = found.Json.DeepClone().AsObject();
            edit(item);
            return JsonNode.DeepEquals(item, found.Json) ? found : Write(resource, found, StoredObject.Reread(item), subresource, new WriteOptions());
        }
    }

    /// <summary>Asks for an object to be deleted. A pod that runs only gets its deletion time; with a grace period of 0 it goes at once.</summary>
    /// <returns>Whether there was such an object.</returns>
    public bool Delete(string plural, string @namespace, string name, int? gracePeriodSeconds = null)
    {
        var resource = Resources.Stored(plural);
        lock (_gate)
        {
            if (_store.Find(resource.StorageKey, new ResourceName(@namespace, name)) is not { } found)
                return false;
            _writer.Delete(resource, found, new DeleteOptions { GracePeriodSeconds = gracePeriodSeconds });
            return true;
        }
    }

    /// <summary>Forgets all commits so far, as etcd does from time to time: watches that ask for them are told that they are gone.</summary>
    public void Compact()
    {
        lock (_gate)
            _store.Compact();
    }

    /// <summary>Takes an object away for good, whatever its finalizers say: for those who finalize.</summary>
    internal void Remove(string plural, string @namespace, string name)
    {
        var resource = Resources.Stored(plural);
        lock (_gate)
        {
            if (_store.Find(resource.StorageKey, new ResourceName(@namespace, name)) is { } found)
                _writer.Remove(resource, found, new WriteOptions());
        }
    }

    /// <summary>Creates an object.</summary>
    internal StoredObject Create(Resource resource, JsonObject item, WriteOptions options)
    {
        lock (_gate)
        {
            var created = _writer.Create(resource, item, options);
            if (!options.DryRun)
                Serve(resource, created);
            return created;
        }
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="ApiFailure">There is none.</exception>
    internal StoredObject Get(Resource resource, string @namespace, string name)
    {
        lock (_gate)
            return Require(resource, @namespace, name);
    }

    /// <summary>Reads a collection and the version at which it was read.</summary>
    /// <param name="resource">The kind.</param>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="version">The version that is asked for; null for the present one.</param>
    /// <exception cref="ApiFailure">The version is forgotten.</exception>
    internal (IReadOnlyList<StoredObject> Items, long Version) List(Resource resource, string? @namespace, long? version = null)
    {
        lock (_gate)
        {
            return version is { } then
                ? ([.. _store.ListAt(resource.StorageKey, @namespace, then)], then)
                : ([.. _store.List(resource.StorageKey, @namespace)], _store.Version);
        }
    }

    /// <summary>Changes an object by what an edit makes of it in the version of the request.</summary>
    internal StoredObject Update(Resource resource, string @namespace, string name, Func<JsonObject, JsonObject> edit, string? subresource, WriteOptions options)
    {
        lock (_gate)
        {
            var old = Require(resource, @namespace, name);
            return Write(resource, old, edit(resource.View(old).DeepClone().AsObject()), subresource, options);
        }
    }

    /// <summary>Merges what a manager applies into an object, or creates it.</summary>
    internal (StoredObject Item, bool Created) Apply(Resource resource, string @namespace, string name, JsonObject applied, string? subresource, WriteOptions options)
    {
        lock (_gate)
        {
            if (_store.Find(resource.StorageKey, new ResourceName(@namespace, name)) is not { } old)
            {
                if (subresource is not null)
                    throw Failures.NotFound(resource, name);
                if (applied["metadata"]?["uid"] is { } uid)
                    throw Failures.AnotherUid(resource, name, (string)uid!, "");
                var item = applied.DeepClone().AsObject();
                ServerSideApply.Apply(item, applied, resource, subresource, options, _writer.Now());
                return (Create(resource, item, options), true);
            }
            var next = resource.View(old).DeepClone().AsObject();
            ServerSideApply.Apply(next, applied, resource, subresource, options, _writer.Now());
            return (Write(resource, old, next, subresource, options), false);
        }
    }

    /// <summary>Deletes an object, or marks it.</summary>
    /// <returns>The object as it was, and the version that is left; null when it is gone.</returns>
    internal (StoredObject Old, StoredObject? Left) Delete(Resource resource, string @namespace, string name, DeleteOptions options)
    {
        lock (_gate)
        {
            var old = Require(resource, @namespace, name);
            var left = _writer.Delete(resource, old, options);
            if (left is null && !options.DryRun && resource.Plural == "customresourcedefinitions")
                CustomKinds.Withdraw(old.Json, Resources);
            return (old, left);
        }
    }

    /// <summary>Starts to follow a collection from a version on; what has been committed since then comes first.</summary>
    /// <exception cref="ApiFailure">The version is forgotten.</exception>
    internal void Follow(Watch watch, long? from)
    {
        lock (_gate)
        {
            if (from is { } version)
            {
                foreach (var change in _store.Since(version))
                    watch.Take(change);
                watch.Reach(_store.Version);
            }
            else
            {
                watch.TakeAll(_store.List(watch.Resource.StorageKey, null), _store.Version);
            }
            _store.Committed += watch.Take;
        }
    }

    /// <summary>Ends to follow.</summary>
    internal void Leave(Watch watch)
    {
        lock (_gate)
            _store.Committed -= watch.Take;
    }

    /// <summary>The version of the last commit.</summary>
    internal long Version
    {
        get
        {
            lock (_gate)
                return _store.Version;
        }
    }

    private StoredObject Require(Resource resource, string @namespace, string name) =>
        _store.Find(resource.StorageKey, new ResourceName(@namespace, name)) ?? throw Failures.NotFound(resource, name);

    private StoredObject Write(Resource resource, StoredObject old, JsonObject next, string? subresource, WriteOptions options)
    {
        var written = _writer.Update(resource, old, next, subresource, options);
        if (!options.DryRun)
            Serve(resource, written);
        return written;
    }

    private void Serve(Resource resource, StoredObject written)
    {
        if (resource.Plural == "customresourcedefinitions")
            CustomKinds.Serve(written.Json, Resources);
    }
}
