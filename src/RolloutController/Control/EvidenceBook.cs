using System.Collections.Concurrent;
using RolloutController.Analysis;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// The evidence of every step that is being judged. Samples come in beside the passes; a pass takes what is there and writes it to
/// status, so that a restart goes on from the last one written.
/// </summary>
public sealed class EvidenceBook
{
    private readonly ConcurrentDictionary<ObjectKey, Page> _pages = new();

    /// <summary>The evidence of a Rollout; what its status held where nothing has been counted since the start.</summary>
    public Evidence? Read(RolloutObject rollout)
    {
        if (_pages.TryGetValue(rollout.Key, out var page) && page.Uid == rollout.Metadata.Uid)
            return page.Evidence;
        if (rollout.Status.Evidence is not { } stored)
            return null;
        var evidence = Evidence.From(stored);
        _pages[rollout.Key] = new Page(rollout.Metadata.Uid, evidence);
        return evidence;
    }

    /// <summary>Takes a look in.</summary>
    /// <param name="key">The Rollout.</param>
    /// <param name="uid">Its uid: a look at one that was deleted since counts for nothing.</param>
    /// <param name="take">Takes the look into the evidence.</param>
    public void Add(ObjectKey key, string uid, Func<Evidence, Evidence> take)
    {
        while (_pages.TryGetValue(key, out var page) && page.Uid == uid)
        {
            if (_pages.TryUpdate(key, page with { Evidence = take(page.Evidence) }, page))
                return;
        }
    }

    /// <summary>
    /// Takes over what a pass decided, once its status is written: another step counts from nothing, the same step keeps what came in
    /// since the pass looked.
    /// </summary>
    public void Commit(RolloutObject rollout, Evidence? decided)
    {
        if (decided is null)
            Forget(rollout.Key);
        else if (!_pages.TryGetValue(rollout.Key, out var page) || page.Uid != rollout.Metadata.Uid || page.Evidence.Since != decided.Since)
            _pages[rollout.Key] = new Page(rollout.Metadata.Uid, decided);
    }

    /// <summary>Forgets a Rollout.</summary>
    public void Forget(ObjectKey key) => _pages.TryRemove(key, out _);

    private sealed record Page(string Uid, Evidence Evidence);
}
