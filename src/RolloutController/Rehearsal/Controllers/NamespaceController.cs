using System.Threading.Channels;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>Empties namespaces that are to be deleted, and takes them away once they are empty.</summary>
public sealed class NamespaceController
{
    private readonly EmbeddedCluster _cluster;
    private readonly Channel<string> _namespaces = Channel.CreateUnbounded<string>();

    /// <summary>Makes a controller that has seen everything from here on.</summary>
    public NamespaceController(EmbeddedCluster cluster)
    {
        _cluster = cluster;
        cluster.Committed += change =>
        {
            if (change.New is { Plural: "namespaces" } item)
                _namespaces.Writer.TryWrite(item.Name);
            else if (change is { New: null, Old.Namespace: { Length: > 0 } emptied })
                _namespaces.Writer.TryWrite(emptied);
        };
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // ReadAllAsync goes on outside the context that it is called in, and so on another thread than that of a virtual clock.
        while (true)
        {
            var name = await _namespaces.Reader.ReadAsync(cancellationToken);
            if (_cluster.Find("namespaces", "", name)?.Json["metadata"]!["deletionTimestamp"] is not null)
                Empty(name);
        }
    }

    private void Empty(string name)
    {
        var kinds = _cluster.Resources.All.Where(resource => resource.Namespaced).DistinctBy(resource => resource.StorageKey).ToList();
        foreach (var item in kinds.SelectMany(kind => _cluster.List(kind, name).Items).Where(item => item.Json["metadata"]!["deletionTimestamp"] is null))
            _cluster.Delete(item.Plural, name, item.Name);
        if (kinds.TrueForAll(kind => _cluster.List(kind, name).Items.Count == 0))
            _cluster.Remove("namespaces", "", name);
    }
}
