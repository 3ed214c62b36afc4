using System.Collections.Concurrent;
using System.Text.Json;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Control.Tracing;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>
/// Takes looks at the Rollouts that are being judged, each check on a loop of its own beside the passes, so that a provider or a pod that
/// hangs delays nobody and no rollback waits for it.
/// </summary>
internal sealed class Sampling(
    Arms arms, EvidenceBook book, Providers providers, CheckFactory checks, Turns turns, RolloutTracer tracer, TimeProvider clock, ILogger<Sampling> logger) : IAsyncDisposable
{
    /// <summary>Somebody waits for a Job to end.</summary>
    private static readonly TimeSpan JobInterval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<ObjectKey, ConcurrentDictionary<string, Loop>> _loops = new();

    /// <summary>Called with the key of a Rollout when there is news.</summary>
    public event Action<ObjectKey>? Sampled;

    /// <summary>Starts, keeps and ends the loops of a Rollout.</summary>
    public void Follow(Observed seen, Plan decided)
    {
        if (decided is not { Sampling: { } plan, Status.State: Progressing step })
        {
            Forget(seen.Rollout.Key);
            return;
        }

        var running = _loops.GetOrAdd(seen.Rollout.Key, _ => new());
        var wanted = Subjects(seen, step, plan).ToDictionary(subject => subject.Name);
        foreach (var (name, loop) in running.Where(pair => pair.Value.Subject != wanted.GetValueOrDefault(pair.Key)))
            End(running, name, loop);
        foreach (var subject in wanted.Values.Where(subject => !running.ContainsKey(subject.Name)))
        {
            var loop = new Loop(subject);
            running[subject.Name] = loop;
            loop.Task = RunAsync(loop, seen, decided);
        }
    }

    /// <summary>Ends the loops of a Rollout.</summary>
    public void Forget(ObjectKey key)
    {
        if (!_loops.TryRemove(key, out var running))
            return;
        foreach (var (name, loop) in running)
            End(running, name, loop);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var tasks = _loops.Values.SelectMany(running => running.Values).Select(loop => loop.Task).ToList();
        foreach (var key in _loops.Keys)
            Forget(key);
        await Task.WhenAll(tasks);
    }

    private static void End(ConcurrentDictionary<string, Loop> running, string name, Loop loop)
    {
        if (running.TryRemove(KeyValuePair.Create(name, loop)))
            loop.Stop();
    }

    private IEnumerable<Subject> Subjects(Observed seen, Progressing step, SamplingPlan plan)
    {
        var uid = seen.Rollout.Metadata.Uid;
        if (plan.CountsRequests && providers.Metrics.Find(seen.Rollout.Spec) is not null && seen.Rollout.Spec.Analysis is { ErrorRate: { } rate } analysis)
            yield return new Subject(ErrorRateJudge.Check, uid, plan.Revision, plan.Interval, $"{analysis.Provider} {rate}");
        foreach (var check in plan.Checks)
            yield return new Subject(check.Name, uid, plan.Revision, IntervalOf(check, plan), $"{seen.Rollout.Spec.Analysis?.Provider} {Written(check)}{(check.Job is null ? "" : JobCheck.Name(seen.Rollout, step, check))}");
    }

    private static TimeSpan IntervalOf(CheckSpec check, SamplingPlan plan) =>
        check.Interval ?? (check.Job is not null && plan.Interval > JobInterval ? JobInterval : plan.Interval);

    /// <summary>What is written decides whether it is the same check: the object is another one after each change of the Rollout.</summary>
    private static string Written(CheckSpec check) => JsonSerializer.Serialize(check, ApiJson.Default.CheckSpec);

    private async Task RunAsync(Loop loop, Observed seen, Plan decided)
    {
        await Task.Yield();
        var (key, cancellation) = (seen.Rollout.Key, loop.Token);
        var look = LookOf(seen, decided, loop.Subject);
        try
        {
            using var timer = new PeriodicTimer(loop.Subject.Interval, clock);
            var takeAsync = look.Begin();
            do
            {
                var (found, message) = await TracedAsync(key, loop.Subject.Name, look, takeAsync, cancellation);
                ControlInstruments.Looked(found);
                if (found is DataClass.ProviderError or DataClass.ConfigError)
                    logger.LogWarning("Rollout {Rollout}, check {Check}: {Message}", key, loop.Subject.Name, message);
                Sampled?.Invoke(key);
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (SelectorException wrong)
        {
            look.Fail(DataClass.ConfigError, wrong.Message);
            Sampled?.Invoke(key);
        }
#pragma warning disable CA1031 // A loop that ended unseen would leave its Rollout waiting; the evidence says what happened.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            logger.LogError(unexpected, "Rollout {Rollout}, check {Check}: sampling failed", key, loop.Subject.Name);
            look.Fail(DataClass.ProviderError, "sampling failed; see the controller's log");
            if (_loops.TryGetValue(key, out var running))
                End(running, loop.Subject.Name, loop);
            Sampled?.Invoke(key);
        }
    }

    private async Task<(DataClass Found, string Message)> TracedAsync(
        ObjectKey rollout, string check, Look look, Func<CancellationToken, Task<(DataClass, string)>> takeAsync, CancellationToken cancellation)
    {
        using var traced = tracer.Look(rollout, check);
        var (found, message) = await InTurnAsync(look, takeAsync, cancellation);
        traced?.With("rollout.look.class", found.ToString());
        if (found is DataClass.ProviderError or DataClass.ConfigError)
            traced?.Fail(found.ToString());
        return (found, message);
    }

    /// <summary>A look that never got its turn knows nothing, which promotes nobody.</summary>
    private async Task<(DataClass Found, string Message)> InTurnAsync(
        Look look, Func<CancellationToken, Task<(DataClass, string)>> takeAsync, CancellationToken cancellation)
    {
        if (look.Asked is not { } asked)
            return await takeAsync(cancellation);
        using var turn = await turns.TakeAsync(asked, cancellation);
        if (turn is not null)
            return await takeAsync(cancellation);
        var waited = $"{asked} is slow: {turns.Places} looks are under way, and none ended for {GatewayDuration.Format(turns.Patience)}, so it was not asked";
        look.Fail(DataClass.ProviderError, waited);
        return (DataClass.ProviderError, waited);
    }

    private Look LookOf(Observed seen, Plan decided, Subject subject)
    {
        var spec = seen.Rollout.Spec;
        if (subject.Name == ErrorRateJudge.Check)
        {
            var rule = ErrorRateRule.Of(spec.Analysis!, spec.Analysis!.ErrorRate!);
            return CountLook(seen, decided, subject, () => providers.Metrics.Find(spec), evidence => evidence, (evidence, sample) => evidence.Add(sample, rule.Tolerance));
        }

        var check = spec.Gates.Concat(spec.Analysis?.Checks ?? []).First(check => check.Name == subject.Name);
        if (!check.IsCounted)
            return CheckLook(seen, decided, check, subject);
        var tolerance = ErrorRateRule.Of(spec.Analysis!, check).Tolerance;
        return CountLook(
            seen, decided, subject, () => providers.Metrics.Find(spec, check), evidence => evidence.Counts.Find(check.Name), (evidence, sample) => evidence.Add(check.Name, sample, tolerance));
    }

    private Look CountLook(
        Observed seen, Plan decided, Subject subject, Func<(IMetricProvider Provider, CountSelectors Selectors)?> find, Func<Evidence, Evidence?> before, Func<Evidence, Sample, Evidence> add)
    {
        return new Look(
            () =>
            {
                var source = find()!.Value;
                var flight = (Progressing)decided.Status.State;
                // Evidence that has been sampled already, be it on the way to the weight, was counted by a process before this one, or before the
                // settings changed: the first look is only where counting goes on from. Before that, all that the counters of the canary's pods
                // hold is its own.
                var bornAt = seen.Observation.Evidence is { } evidence && before(evidence) is null or { SampledAt: null, Sequential.Requests: 0 } && flight.Stage != StepStage.Monitoring && flight.Weight == seen.Rollout.Spec.Steps[0].Weight
                    ? seen.Observation.Find(subject.Revision)?.CreatedAt
                    : null;
                var sampler = new ErrorRateSampler(
                    source.Provider, source.Selectors, arms.Canary(seen.Rollout, flight), arms.Stable(seen.Rollout, flight), bornAt, subject.Interval, clock);
                var slowest = source.Selectors is LatencySelectors latency ? new SlowestHundredth(source.Provider, latency, arms.Canary(seen.Rollout, flight)) : null;
                return async cancellation =>
                {
                    var sample = await sampler.SampleAsync(cancellation);
                    if (slowest is not null && sample.Class == DataClass.Ok)
                        sample = sample with { Message = await slowest.ReadAsync(cancellation) };
                    Take(sample);
                    return (sample.Class, sample.Message);
                };
            },
            (found, message) => Take(new Sample(clock.GetUtcNow(), found, message)))
        {
            Asked = AskedForMetrics(seen.Rollout.Spec),
        };

        void Take(Sample sample) => book.Add(seen.Rollout.Key, subject.Uid, evidence => add(evidence, sample));
    }

    private Look CheckLook(Observed seen, Plan decided, CheckSpec spec, Subject subject)
    {
        var rule = CheckRule.Of(spec, subject.Interval);
        return new Look(
            () =>
            {
                var check = checks.Make(seen.Rollout, (Progressing)decided.Status.State, spec, decided.Evidence?.Checks.Find(spec.Name));
                return async cancellation =>
                {
                    var look = await check.LookAsync(cancellation);
                    Take(look);
                    return ((look as CheckLook.Unknown)?.Class ?? DataClass.Ok, look.Message);
                };
            },
            (found, message) => Take(new CheckLook.Unknown(clock.GetUtcNow(), found, message)))
        {
            Asked = spec switch
            {
                { Job: not null } => null,
                { Http: not null } => $"the pods of namespace {seen.Rollout.Metadata.Namespace}",
                { Logs: { } logs } => $"provider {providers.Logs.Find(logs.Provider)?.Name}",
                { Hook: { } hook } => $"hook {hook.Name}",
                _ => AskedForMetrics(seen.Rollout.Spec),
            },
        };

        void Take(CheckLook look) => book.Add(seen.Rollout.Key, subject.Uid, evidence => evidence.Add(rule, look));
    }

    private string AskedForMetrics(RolloutSpec spec) => $"provider {providers.Metrics.Of(spec)?.Name}";

    private sealed record Subject(string Name, string Uid, string Revision, TimeSpan Interval, string Written);

    /// <summary>How looks are taken.</summary>
    /// <param name="Begin">Prepares them; what it returns takes one, writes it down, and says what it brought.</param>
    /// <param name="Fail">Writes down that none can be taken.</param>
    private sealed record Look(Func<Func<CancellationToken, Task<(DataClass Found, string Message)>>> Begin, Action<DataClass, string> Fail)
    {
        /// <summary>Who is asked, for a person; only so many ask the same one at a time. Null for the API server, which sees to that itself.</summary>
        public string? Asked { get; init; }
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
