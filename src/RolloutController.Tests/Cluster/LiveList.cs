using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>The present state of a collection, kept up to date by a watch.</summary>
internal sealed class LiveList : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _items = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<ClusterEvent>? _onEvent;
    private Task _following = Task.CompletedTask;

    private LiveList(Action<ClusterEvent>? onEvent) => _onEvent = onEvent;

    /// <summary>The objects as they were last seen.</summary>
    public IReadOnlyList<JsonObject> Items
    {
        get
        {
            lock (_gate)
                return [.. _items.Values];
        }
    }

    /// <summary>Starts to follow a collection; returns once its present state is known.</summary>
    /// <param name="onEvent">Called in order for every change, after <see cref="Items"/> shows it; first for each object that is there.</param>
    public static async Task<LiveList> StartAsync(ClusterApi api, string path, CancellationToken cancellationToken, Action<ClusterEvent>? onEvent = null)
    {
        var live = new LiveList(onEvent);
        var listed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        live._following = live.FollowAsync(api, path, listed);
        await await Task.WhenAny(listed.Task, live._following).WaitAsync(cancellationToken);
        return live;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _following;
        }
        catch (OperationCanceledException)
        {
        }
        _stop.Dispose();
    }

    private async Task FollowAsync(ClusterApi api, string path, TaskCompletionSource listed)
    {
        void Listed(IReadOnlyList<JsonObject> items)
        {
            foreach (var item in items)
                Take(new ClusterEvent("ADDED", item));
            listed.SetResult();
        }

        await foreach (var change in ClusterWatch.FollowAsync(api, path, Listed, _stop.Token))
            Take(change);
    }

    private void Take(ClusterEvent change)
    {
        lock (_gate)
        {
            if (change.Type == "DELETED")
                _items.Remove(change.Object.Uid());
            else
                _items[change.Object.Uid()] = change.Object;
        }
        _onEvent?.Invoke(change);
    }
}
