using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>Every version of every object of a collection, in the order in which the API committed them: what invariants are checked on.</summary>
internal sealed class ObjectHistory : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ClusterEvent> _events = [];
    private LiveList? _live;

    /// <summary>All events so far.</summary>
    public IReadOnlyList<ClusterEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    /// <summary>Starts to record; what is there already counts as the first version.</summary>
    public static async Task<ObjectHistory> StartAsync(ClusterApi api, string collection, CancellationToken cancellationToken)
    {
        var history = new ObjectHistory();
        history._live = await LiveList.StartAsync(api, collection, cancellationToken, history.Record);
        return history;
    }

    /// <summary>The versions of one object, oldest first; a deletion is not a version.</summary>
    public IReadOnlyList<JsonObject> Versions(string name) =>
        [.. Events.Where(change => change.Type != "DELETED" && change.Object.Name() == name).Select(change => change.Object)];

    /// <summary>What one thing about an object was over time, with repetitions left out.</summary>
    public IReadOnlyList<T> Course<T>(string name, Func<JsonObject, T> read)
    {
        var course = new List<T>();
        foreach (var value in Versions(name).Select(read))
        {
            if (course.Count == 0 || !EqualityComparer<T>.Default.Equals(course[^1], value))
                course.Add(value);
        }
        return course;
    }

    public ValueTask DisposeAsync() => _live?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Record(ClusterEvent change)
    {
        lock (_gate)
            _events.Add(change);
    }
}
