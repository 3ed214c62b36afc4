namespace RolloutController.Kubernetes;

/// <summary>An informer as those see it who only start it and ask how it is.</summary>
public interface IInformer
{
    /// <summary>The kind of object that it watches, such as <c>Pod</c>.</summary>
    string Kind { get; }

    /// <summary>The kind's name in request paths and metrics, such as <c>pods</c>.</summary>
    string Plural { get; }

    /// <summary>Whether the cache has been filled once; it then stays true.</summary>
    bool HasSynced { get; }

    /// <summary>Whether the API serves the kind, by the last list; false before the first.</summary>
    bool IsServed { get; }

    /// <summary>How many objects the cache holds.</summary>
    int Count { get; }

    /// <summary>When the API was last heard of: a list, an event or a bookmark. With several namespaces, the quietest one counts.</summary>
    DateTimeOffset LastEventAt { get; }

    /// <summary>What is wrong now and, before the first sync, why there is none; null when all is well.</summary>
    string? LastError { get; }

    /// <summary>Fills the cache and keeps it up to date; returns when it is cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Lists anew soon, for whoever doubts that the watch told everything.</summary>
    void Resync();

    /// <summary>Waits until <see cref="HasSynced"/>.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
