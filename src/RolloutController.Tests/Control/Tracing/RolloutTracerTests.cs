using System.Collections.Concurrent;
using System.Diagnostics;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Control.Tracing;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Tests.Control.Tracing;

/// <summary>The spans of rollouts. Other tests may trace beside these, so each looks at its own trace alone.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RolloutTracerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TrafficSpec Routes = new() { Service = "shop", Routes = [new RouteReference { Name = "shop" }] };

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;
    private readonly ManualTimeProvider _clock = new(Start);
    private readonly RolloutTracer _tracer;
    private readonly RolloutObject _rollout = new() { Metadata = new ObjectMeta { Namespace = "store", Name = "shop", Uid = Guid.NewGuid().ToString() } };

    public RolloutTracerTests()
    {
        _tracer = new RolloutTracer(_clock);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RolloutTracer.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private IReadOnlyList<Activity> Ended => [.. _ended.Where(span => span.TraceId == new RolloutAttempt(_rollout.Metadata.Uid, "b", Start).TraceId)];

    public void Dispose() => _listener.Dispose();

    [Test]
    public void A_rollout_is_the_first_span_of_its_trace_and_stages_are_below_it()
    {
        Decide(Step(5, StepStage.Raising), 0);
        Decide(Step(5, StepStage.Judging), 10);
        Decide(Step(25, StepStage.Raising), 70);
        Decide(new AtRest("a"), 100);

        var whole = Ended.Single(span => span.OperationName == "rollout");
        Assert.That((whole.ParentSpanId, whole.StartTimeUtc, whole.Duration), Is.EqualTo((default(ActivitySpanId), Start.UtcDateTime, TimeSpan.FromSeconds(100))));
        Assert.That(Ended.Where(span => span.ParentSpanId == whole.SpanId).Select(span => (span.OperationName, span.GetTagItem("rollout.step.weight"), span.Duration.TotalSeconds)), Is.EqualTo(new (string, object?, double)[]
        {
            ("Raising", 5, 10), ("Judging", 5, 60), ("Raising", 25, 30),
        }));
    }

    [Test]
    public void A_stage_that_goes_on_is_one_span()
    {
        Decide(Step(5, StepStage.Judging), 0);
        Decide(Step(5, StepStage.Judging) with { Approved = true }, 10);
        Decide(new AtRest("a"), 20);

        Assert.That(Ended.Count(span => span.OperationName == "Judging"), Is.EqualTo(1));
    }

    [Test]
    public void Work_is_below_the_stage_in_which_it_is_done()
    {
        Decide(Step(5, StepStage.Judging), 0);
        using (_tracer.Look(_rollout.Key, "errorRate"))
            _clock.Advance(TimeSpan.FromSeconds(2));
        using (var change = _tracer.Change(_rollout.Key, new Effect.SetWeight(25)))
            change!.Fail("KubernetesApiException");
        Decide(new AtRest("a"), 20);

        var stage = Ended.Single(span => span.OperationName == "Judging");
        var look = Ended.Single(span => span.OperationName == "look");
        var change2 = Ended.Single(span => span.OperationName == "SetWeight");
        Assert.That((look.ParentSpanId, look.Duration, look.GetTagItem("rollout.check")), Is.EqualTo((stage.SpanId, TimeSpan.FromSeconds(2), "errorRate")));
        Assert.That((change2.ParentSpanId, change2.Status), Is.EqualTo((stage.SpanId, ActivityStatusCode.Error)));
    }

    [Test]
    public void A_rollback_is_an_error_with_its_reason()
    {
        Decide(Step(5, StepStage.Judging), 0);
        Decide(new RollingBack("a", "b", Routes, ConclusionStage.Pinning, Start, RollbackCause.Failed), 10, RevisionOutcome.RolledBack);
        Decide(new AtRest("a"), 20, RevisionOutcome.RolledBack);

        var whole = Ended.Single(span => span.OperationName == "rollout");
        Assert.That((whole.Status, whole.StatusDescription, whole.GetTagItem("rollout.outcome")), Is.EqualTo((ActivityStatusCode.Error, "it failed", "RolledBack")));
    }

    [Test]
    public void The_next_process_goes_on_with_the_trace_and_the_next_try_has_its_own()
    {
        Decide(Step(5, StepStage.Judging), 0);
        _tracer.Dispose();
        using var next = new RolloutTracer(_clock);
        next.Decided(_rollout, Status(Step(5, StepStage.Judging)), Start.AddSeconds(30));
        next.Decided(_rollout, Status(Step(5, StepStage.Raising)) with { StartedAt = Start.AddHours(1) }, Start.AddHours(1));

        Assert.That(Ended.Count(span => span.OperationName == "rollout"), Is.EqualTo(2), "one of each process, in one trace");
        Assert.That(Ended.First(span => span.OperationName == "rollout").GetTagItem("rollout.left"), Is.True);
        Assert.That(RolloutAttempt.Of(_rollout.Metadata.Uid, Status(Step(5, StepStage.Raising)) with { StartedAt = Start.AddHours(1) })!.TraceId, Is.Not.EqualTo(Ended[0].TraceId));
    }

    [Test]
    public void At_rest_nothing_is_traced()
    {
        Decide(new AtRest("a"), 0);

        Assert.That(_tracer.Look(_rollout.Key, "errorRate"), Is.Null);
        Assert.That(_tracer.Change(_rollout.Key, new Effect.RemoveFinalizer()), Is.Null);
    }

    private static Progressing Step(int weight, StepStage stage) => new("a", "b", Routes, weight, stage, Start);

    private static RolloutStatus Status(RolloutState state, RevisionOutcome? outcome = null) => new()
    {
        State = state,
        StartedAt = state is InFlight ? Start : null,
        History = outcome is { } end ? [new RevisionRecord { Revision = "b", Outcome = end, Message = "it failed", Time = Start }] : [],
    };

    private void Decide(RolloutState state, int seconds, RevisionOutcome? outcome = null)
    {
        // A stage begins with the decision that enters it.
        var moment = Start.AddSeconds(seconds);
        _tracer.Decided(_rollout, Status(state is Progressing step ? step with { Since = moment } : state, outcome), moment);
    }
}
