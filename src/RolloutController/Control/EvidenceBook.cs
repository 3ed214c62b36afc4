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
        var evidence = new Evidence
        {
            Requests = stored.Requests,
            Errors = stored.Errors,
            Class = Enum.TryParse<DataClass>(stored.Class, out var known) ? known : DataClass.NoData,
            Message = stored.Message,
            Since = stored.Since,
            SampledAt = stored.SampledAt,
        };
        _pages[rollout.Key] = new Page(rollout.Metadata.Uid, evidence);
        return evidence;
    }

    /// <summary>Takes a sample in.</summary>
    public void Add(ObjectKey key, string uid, Sample sample)
    {
        while (_pages.TryGetValue(key, out var page) && page.Uid == uid)
        {
            if (_pages.TryUpdate(key, page with { Evidence = page.Evidence.Add(sample) }, page))
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
