using System.Collections.Concurrent;
using System.Net;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>
/// Takes looks at the metrics of the Rollouts that are being judged, each on a loop of its own beside the passes, so that a provider
/// that hangs delays nobody and no rollback waits for it.
/// </summary>
internal sealed class Sampling(Caches caches, EvidenceBook book, MetricProviders providers, TimeProvider clock, ILogger<Sampling> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ObjectKey, Loop> _loops = new();

    /// <summary>Called with the key of a Rollout when there is news.</summary>
    public event Action<ObjectKey>? Sampled;

    /// <summary>Starts, keeps or ends the loop of a Rollout.</summary>
    public void Follow(Observed seen, SamplingPlan? plan)
    {
        var key = seen.Rollout.Key;
        if (plan is null || providers.Find(seen.Rollout.Spec) is not { } source)
        {
            Forget(key);
            return;
        }

        var wanted = new Subject(seen.Rollout.Metadata.Uid, plan, seen.Rollout.Spec.Analysis!);
        if (_loops.TryGetValue(key, out var running) && running.Subject == wanted)
            return;
        Forget(key);
        var loop = new Loop(wanted);
        _loops[key] = loop;
        loop.Task = RunAsync(key, loop, source.Provider, source.Selectors, seen);
    }

    /// <summary>Ends the loop of a Rollout.</summary>
    public void Forget(ObjectKey key)
    {
        if (_loops.TryRemove(key, out var loop))
            loop.Stop();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var loops = _loops.Values.ToList();
        foreach (var key in _loops.Keys)
            Forget(key);
        await Task.WhenAll(loops.Select(loop => loop.Task));
    }

    private async Task RunAsync(ObjectKey key, Loop loop, IMetricProvider provider, ErrorRateSelectors selectors, Observed seen)
    {
        await Task.Yield();
        var cancellation = loop.Token;
        try
        {
            using var timer = new PeriodicTimer(loop.Subject.Plan.Interval, clock);
            var sampler = Sampler(provider, selectors, seen, loop.Subject);
            do
            {
                var sample = await sampler.SampleAsync(cancellation);
                book.Add(key, loop.Subject.Uid, sample, loop.Subject.Tolerance);
                ControlInstruments.Looked(sample.Class);
                if (sample.Class is DataClass.ProviderError or DataClass.ConfigError)
                    logger.LogWarning("Rollout {Rollout}: {Message}", key, sample.Message);
                Sampled?.Invoke(key);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (SelectorException wrong)
        {
            book.Add(key, loop.Subject.Uid, new Sample(clock.GetUtcNow(), DataClass.ConfigError, $"spec.analysis.errorRate: {wrong.Message}"), loop.Subject.Tolerance);
            Sampled?.Invoke(key);
        }
#pragma warning disable CA1031 // A loop that ended unseen would leave its Rollout waiting; the evidence says what happened.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            logger.LogError(unexpected, "Rollout {Rollout}: sampling failed", key);
            book.Add(key, loop.Subject.Uid, new Sample(clock.GetUtcNow(), DataClass.ProviderError, "sampling failed; see the controller's log"), loop.Subject.Tolerance);
            Forget(key);
            Sampled?.Invoke(key);
        }
    }

    private ErrorRateSampler Sampler(IMetricProvider provider, ErrorRateSelectors selectors, Observed seen, Subject subject)
    {
        var flight = (InFlight)seen.Rollout.Status.State;
        var set = seen.Observation.Find(subject.Plan.Revision);
        var canary = Arm(seen, flight.Traffic?.CanaryService, subject.Plan.Revision);
        var stable = Arm(seen, flight.Traffic?.Service, flight.Stable);

        // Evidence that has been sampled already was counted by a process before this one, or before the settings changed: the first
        // look is only where counting goes on from. Before that, all that the counters of the canary's pods hold is its own.
        var bornAt = seen.Observation.Evidence is { SampledAt: null } && flight is Progressing { Stage: not StepStage.Monitoring } step && step.Weight == seen.Rollout.Spec.Steps[0].Weight
            ? set?.CreatedAt
            : null;
        return new ErrorRateSampler(provider, selectors, canary, stable, bornAt, subject.Plan.Interval, clock);
    }

    /// <summary>How metrics name one of the two versions. Where pod counts make the split, one Service is in front of both and names neither.</summary>
    private ArmIdentity Arm(Observed seen, string? service, string revision)
    {
        var set = seen.Observation.Find(revision);
        return new ArmIdentity(
            seen.Rollout.Metadata.Namespace,
            ((InFlight)seen.Rollout.Status.State).IsRouted ? service : null,
            revision,
            ArmIdentity.PodsOf(set?.Name ?? ReplicaSets.NameOf(seen.Rollout, revision)))
        {
            Addresses = () => Addresses(seen.Rollout, revision),
        };
    }

    private List<IPAddress> Addresses(RolloutObject rollout, string revision) => [.. caches.ReplicaSetsOf(rollout.Metadata.Uid)
        .Where(set => ReplicaSets.Revision(set) == revision)
        .SelectMany(caches.PodsOf)
        .Select(pod => IPAddress.TryParse(pod.Status.PodIP, out var address) ? address : null)
        .OfType<IPAddress>()];

    private sealed record Subject(string Uid, SamplingPlan Plan, AnalysisSpec Analysis)
    {
        public double Tolerance { get; } = PercentString.ParseIncrease(Analysis.ErrorRate!.Tolerance);
    }

    private sealed class Loop(Subject subject) : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();

        public Subject Subject { get; } = subject;

        public Task Task { get; set; } = Task.CompletedTask;

        public CancellationToken Token => _stop.Token;

        public void Stop()
        {
            _stop.Cancel();
            // Disposed only when nobody waits on it any more.
            _ = Task.ContinueWith(_ => Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        public void Dispose() => _stop.Dispose();
    }
}
