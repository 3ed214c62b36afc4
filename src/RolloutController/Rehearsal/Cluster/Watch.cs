using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// One watch: what of the commits concerns it, as lines that its stream hands out. An object that comes under the selectors is added for
/// this watch, and one that leaves them is deleted.
/// </summary>
internal sealed class Watch(Resource resource, string? @namespace, LabelSelector labels, FieldSelector fields, WatchStream stream)
{
    private long _version;

    /// <summary>The kind that is watched, in the version of the request.</summary>
    public Resource Resource => resource;

    /// <summary>Where the lines go.</summary>
    public WatchStream Stream => stream;

    /// <summary>Tells the present state.</summary>
    public void TakeAll(IEnumerable<StoredObject> items, long version)
    {
        foreach (var item in items.Where(Concerns))
            Tell("ADDED", resource.Send(item));
        _version = version;
    }

    /// <summary>Takes note that nothing else has happened up to a version, which bookmarks tell.</summary>
    public void Reach(long version) => _version = version;

    /// <summary>Tells of a commit.</summary>
    public void Take(ObjectChange change)
    {
        _version = change.Version;
        if (change.Object.Key != resource.StorageKey)
            return;
        var (before, now) = (change.Old is { } old && Concerns(old), change.New is { } item && Concerns(item));
        if (now)
            Tell(before ? "MODIFIED" : "ADDED", resource.Send(change.New!));
        else if (before)
            Tell("DELETED", StoredObject.Write(Gone(change)));
    }

    /// <summary>Tells that nothing happened up to here.</summary>
    /// <param name="isEndOfInitial">Whether it closes the initial state.</param>
    public void Bookmark(bool isEndOfInitial = false)
    {
        var metadata = new JsonObject { ["resourceVersion"] = Math.Max(_version, 1).ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        if (isEndOfInitial)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        Tell("BOOKMARK", StoredObject.Write(new JsonObject { ["kind"] = resource.Kind, ["apiVersion"] = resource.ApiVersion, ["metadata"] = metadata }));
    }

    private bool Concerns(StoredObject item) =>
        item.Key == resource.StorageKey && (@namespace is null || item.Namespace == @namespace) && labels.Matches(item.Json) && fields.Matches(item.Json);

    private JsonObject Gone(ObjectChange change)
    {
        // As it was while the watch still saw it, at the version at which it no longer does.
        var last = resource.View(change.Old!).DeepClone().AsObject();
        last["metadata"]!["resourceVersion"] = change.Version.ToString(CultureInfo.InvariantCulture);
        return last;
    }

    private void Tell(string type, ReadOnlyMemory<byte> item)
    {
        var head = Encoding.ASCII.GetBytes($$"""{"type":"{{type}}","object":""");
        var line = new byte[head.Length + item.Length + 2];
        head.CopyTo(line, 0);
        item.CopyTo(line.AsMemory(head.Length));
        line[^2] = (byte)'}';
        line[^1] = (byte)'\n';
        stream.Write(line);
    }
}
