using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

internal sealed class LeaderElectorTests
{
    private static readonly ObjectKey LeaseKey = new("rollout-system", "controller");

    private FakeKubernetesClient _api = null!;
    private ManualTimeProvider _clock = null!;
    private List<Candidate> _candidates = null!;

    [SetUp]
    public void SetUp()
    {
        _api = new FakeKubernetesClient();
        _clock = new ManualTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _candidates = [];
    }

    [TearDown]
    public async Task TearDown()
    {
        foreach (var candidate in _candidates)
        {
            candidate.Client.OnRequest = _ => Task.CompletedTask;
            await candidate.DisposeAsync();
        }
    }

    [Test]
    public async Task TheFirstCandidateTakesTheLease()
    {
        using var metrics = new MetricRecorder();
        var a = Start("a");
        await a.LeadsAsync();
        Assert.Multiple(() =>
        {
            Assert.That(Lease!.ToJsonString(), Is.EqualTo(
                """{"holderIdentity":"a","leaseDurationSeconds":15,"acquireTime":"2026-01-01T00:00:00.000000Z","renewTime":"2026-01-01T00:00:00.000000Z","leaseTransitions":0}"""));
            Assert.That(a.Elector.Holder, Is.EqualTo("a"));
            Assert.That(a.Elector.MayAct, Is.True);
            Assert.That(a.Term, Is.EqualTo(new LeadershipTerm("a", 0, _clock.GetUtcNow())));
            Assert.That(metrics.Gauge("leader_election_master_status", "name=controller"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task RenewsEveryTwoSecondsWithOneRequest()
    {
        var a = Start("a");
        await a.LeadsAsync();
        var before = a.Client.Requests.Count;
        for (var i = 0; i < 10; i++)
            _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.That(a.Client.Requests.Skip(before).Select(request => request.Verb), Is.EqualTo(Enumerable.Repeat("replace", 10)));
        Assert.That((string?)Lease!["renewTime"], Is.EqualTo("2026-01-01T00:00:20.000000Z"));
        Assert.That((string?)Lease!["acquireTime"], Is.EqualTo("2026-01-01T00:00:00.000000Z"));
    }

    [Test]
    public async Task ACrashedLeaderIsFollowedOnceItsLeaseRanOut()
    {
        Seed("""{"holderIdentity":"ghost","leaseDurationSeconds":15,"leaseTransitions":3}""");
        var a = Start("a");
        var after = await a.LeadsAfterAsync();
        Assert.That(after, Is.InRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(19.9)));
        Assert.That(a.Term!.Transitions, Is.EqualTo(4));
    }

    [Test]
    public async Task TheDurationInTheLeaseCountsNotOnesOwn()
    {
        Seed("""{"holderIdentity":"ghost","leaseDurationSeconds":60}""");
        Assert.That(await Start("a").LeadsAfterAsync(), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(60)));
    }

    [TestCase("""{}""")]
    [TestCase("""{"holderIdentity":"ghost"}""")]
    [TestCase("""{"holderIdentity":"","leaseDurationSeconds":1,"acquireTime":null,"renewTime":null}""")]
    public async Task ALeaseWithFieldsMissingCanBeTaken(string spec)
    {
        Seed(spec);
        await Start("a").LeadsAsync();
        Assert.That((string?)Lease!["holderIdentity"], Is.EqualTo("a"));
    }

    [Test]
    public async Task WhatOthersPutOnTheLeaseStays()
    {
        Seed("{}", new JsonObject { ["team"] = "payments" });
        await Start("a").LeadsAsync();
        Assert.That((string?)_api.Find("leases", LeaseKey)!["metadata"]!["labels"]!["team"], Is.EqualTo("payments"));
    }

    [Test]
    public async Task AfterAReleaseTheNextOneFollowsSoon()
    {
        var a = Start("a");
        await a.LeadsAsync();
        var b = Start("b");
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(b.Elector.IsLeader, Is.False);
        Assert.That(b.Elector.Holder, Is.EqualTo("a"));

        await a.StopAsync();
        Assert.That((string?)Lease!["holderIdentity"], Is.Empty);
        Assert.That((int)Lease!["leaseDurationSeconds"]!, Is.EqualTo(1));
        Assert.That(a.Elector.MayAct, Is.False);
        Assert.That(await b.LeadsAfterAsync(), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(5.9)));
        Assert.That(b.Term!.Transitions, Is.EqualTo(1));
    }

    [Test]
    public async Task TheLeaseIsKeptUntilTheWorkHasEnded()
    {
        var a = Start("a", stopsWhenAsked: false);
        await a.LeadsAsync();
        var b = Start("b");
        a.Stop();
        _clock.Advance(TimeSpan.FromSeconds(60));
        await Eventually.Settle();
        Assert.That((string?)Lease!["holderIdentity"], Is.EqualTo("a"), "the work is not done yet");
        Assert.That(a.Elector.MayAct, Is.True);
        Assert.That(b.Elector.IsLeader, Is.False);
        a.EndWork();
        await a.StopAsync();
        Assert.That((string?)Lease!["holderIdentity"], Is.Empty);
    }

    [Faults.FaultRow(27, "the API is silent for longer than the lease")]
    [Test]
    public async Task ALeaderThatIsCutOffGivesUpBeforeAnotherOneLeads()
    {
        var a = Start("a");
        await a.LeadsAsync();
        var b = Start("b");
        _clock.Advance(TimeSpan.FromSeconds(20));
        a.Client.OnRequest = _ => throw new HttpRequestException("no route to host");

        var lostAfter = await Eventually.HoldsAfter(_clock, TimeSpan.FromSeconds(0.1), () => a.Run.IsCompleted, "the loss was noticed");
        Assert.That(lostAfter, Is.InRange(TimeSpan.FromSeconds(9.9), TimeSpan.FromSeconds(12.5)));
        Assert.That(b.Elector.IsLeader, Is.False);
        Assert.That(a.Office.IsCancellationRequested, Is.True);
        Assert.That(async () => await a.Run, Throws.InstanceOf<LeadershipLostException>().With.Message.Contains("could not be renewed"));
        Assert.That(a.Log.Lines, Has.Some.Contains("could not renew the lease rollout-system/controller: HttpRequestException: no route to host"));
        await b.LeadsAfterAsync();
        Assert.That(a.Elector.MayAct, Is.False);
    }

    [Test]
    public async Task TwoNeverMayActAtOnce()
    {
        var all = new[] { Start("a"), Start("b"), Start("c") };
        var random = new Random(7);
        for (var step = 0; step < 3000; step++)
        {
            _clock.Advance(TimeSpan.FromSeconds(0.2));
            Assert.That(all.Count(candidate => candidate.Elector.MayAct), Is.LessThanOrEqualTo(1));
            if (step % 100 != 0)
                continue;
            foreach (var candidate in all)
            {
                var failing = random.Next(2) == 0;
                candidate.Client.OnRequest = _ => failing ? throw new HttpRequestException("cut off") : Task.CompletedTask;
            }

            await Eventually.Settle();
        }
    }

    [TestCase(-3600)]
    [TestCase(3600)]
    public async Task AClockThatIsOffTakesNoLeaseAway(int seconds)
    {
        var a = Start("a");
        await a.LeadsAsync();
        var b = Start("b", skew: TimeSpan.FromSeconds(seconds));
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That(b.Elector.IsLeader, Is.False);
        Assert.That(a.Elector.MayAct, Is.True);
    }

    [Faults.FaultRow(27, "a call that takes longer than the lease")]
    [Test]
    public async Task ARequestThatHangsCostsTheOfficeInTime()
    {
        var a = Start("a", stopsWhenAsked: false);
        await a.LeadsAsync();
        a.Client.OnRequest = _ => new TaskCompletionSource().Task;
        _clock.Advance(TimeSpan.FromSeconds(11.9));
        Assert.That(a.Elector.MayAct, Is.True);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(a.Elector.MayAct, Is.False);
        await Eventually.Holds(() => a.Office.IsCancellationRequested, "the work was told to stop");
        Assert.That(a.Run.IsCompleted, Is.False, "the work is given a moment");
        await Eventually.HoldsAfter(_clock, TimeSpan.FromSeconds(1), () => a.Run.IsFaulted, "the work was waited for no longer");
        a.EndWork();
    }

    [Test]
    public async Task ALeaseInOtherHandsIsLostAtOnce()
    {
        var a = Start("a");
        await a.LeadsAsync();
        Seed("""{"holderIdentity":"b","leaseDurationSeconds":15}""");
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Eventually.Holds(() => a.Run.IsFaulted, "the loss was noticed");
        Assert.That(a.Run.Exception!.InnerException!.Message, Does.Contain("b holds the lease"));
        Assert.That((string?)Lease!["holderIdentity"], Is.EqualTo("b"));
    }

    [Faults.FaultRow(39, "the lease is deleted")]
    [Test]
    public async Task ALeaseThatWasDeletedIsMadeAnew()
    {
        var a = Start("a");
        await a.LeadsAsync();
        _api.Remove("leases", LeaseKey);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.That((string?)Lease!["holderIdentity"], Is.EqualTo("a"));
        Assert.That(a.Elector.MayAct, Is.True);
    }

    [Test]
    public async Task EveryFailureIsLoggedWithVerbAndReason()
    {
        var a = Make("a");
        a.Client.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.Forbidden, "Forbidden", message: "leases is forbidden");
        a.Start();
        await Eventually.HoldsAfter(_clock, TimeSpan.FromSeconds(1), () => a.Log.Lines.Count >= 2, "it failed twice");
        Assert.That(a.Log.Lines, Is.All.EqualTo("Warning: Leader election could not get the lease rollout-system/controller: 403 Forbidden: leases is forbidden"));
    }

    [Test]
    public async Task WorkThatFailsFailsTheElectorAndLeavesTheLease()
    {
        var a = Make("a", _ => throw new InvalidOperationException("the work's fault"));
        a.Start();
        await Eventually.Holds(() => a.Run.IsFaulted, "the failure came through");
        Assert.That(a.Run.Exception!.InnerException!.Message, Is.EqualTo("the work's fault"));
        Assert.That((string?)Lease!["holderIdentity"], Is.EqualTo("a"), "what the work left behind may still act");
    }

    [Test]
    public async Task AStopWhileTheLeaseIsBeingTakenLeavesNoneBehind()
    {
        var a = Make("a");
        var asked = new TaskCompletionSource();
        a.Client.OnRequest = async request =>
        {
            if (request.Verb != "create")
                return;
            _api.Put("leases", request.Body!.AsObject());
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, request.Token);
        };
        a.Start();
        await asked.Task;
        await a.StopAsync();
        Assert.That((string?)Lease!["holderIdentity"], Is.Empty);
    }

    [Test]
    public async Task ALeaderWhoseRenewalIsLongOverdueIsNotHealthy()
    {
        var a = Start("a");
        await a.LeadsAsync();
        Assert.That(a.Elector.IsHealthy, Is.True);
        a.Clock.IsFrozen = true;
        _clock.Advance(TimeSpan.FromSeconds(35));
        Assert.That(a.Elector.IsHealthy, Is.True);
        Assert.That(a.Elector.MayAct, Is.False, "a process that was frozen may not act when it wakes up");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(a.Elector.IsHealthy, Is.False);
        a.Clock.IsFrozen = false;
    }

    [Test]
    public async Task TenThousandRenewalsLeaveNothingBehind()
    {
        var a = Start("a");
        await a.LeadsAsync();
        var timers = a.Clock.LiveTimers;
        _clock.Advance(TimeSpan.FromSeconds(20_000));
        var requests = a.Client.Requests;
        Assert.That(requests, Has.Count.GreaterThan(10_000));
        Assert.That(a.Clock.LiveTimers, Is.EqualTo(timers));
        Assert.That(requests.Count(request => !IsDisposed(request.Token)), Is.Zero, "a source that is not disposed stays registered with its parent");
    }

    [TestCase(15, 15, 2, "LeaseDuration")]
    [TestCase(15, 2.4, 2, "RenewDeadline")]
    [TestCase(15, 10, 0.5, "RetryPeriod")]
    [TestCase(4, 3, 1, "by more than")]
    [TestCase(15.5, 10, 2, "whole seconds")]
    public void OptionsThatElectNobodyOrTwoAreRefused(double duration, double deadline, double period, string says)
    {
        var options = Options("a") with
        {
            LeaseDuration = TimeSpan.FromSeconds(duration),
            RenewDeadline = TimeSpan.FromSeconds(deadline),
            RetryPeriod = TimeSpan.FromSeconds(period),
        };
        Assert.That(() => options.Validate(), Throws.ArgumentException.With.Message.Contains(says));
        Assert.That(() => (Options("a") with { Identity = "" }).Validate(), Throws.ArgumentException);
        Assert.That(() => Options("a").Validate(), Throws.Nothing);
    }

    private static LeaderElectionOptions Options(string identity) => new() { Namespace = LeaseKey.Namespace, Name = LeaseKey.Name, Identity = identity };

    private static bool IsDisposed(CancellationToken token)
    {
        try
        {
            return token.WaitHandle is null;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private JsonNode? Lease => _api.Find("leases", LeaseKey)?["spec"];

    private void Seed(string spec, JsonObject? labels = null) => _api.Put("leases", new JsonObject
    {
        ["metadata"] = new JsonObject { ["namespace"] = LeaseKey.Namespace, ["name"] = LeaseKey.Name, ["labels"] = labels ?? [] },
        ["spec"] = JsonNode.Parse(spec),
    });

    private Candidate Make(string identity, Func<CancellationToken, Task>? work = null, TimeSpan skew = default)
    {
        var candidate = new Candidate(new FakeKubernetesClient(_api), _clock, new WrappedTimeProvider(_clock, skew), Options(identity), work);
        _candidates.Add(candidate);
        return candidate;
    }

    private Candidate Start(string identity, bool stopsWhenAsked = true, TimeSpan skew = default)
    {
        var candidate = Make(identity, stopsWhenAsked ? null : _ => new TaskCompletionSource().Task, skew);
        candidate.Start();
        return candidate;
    }

    /// <summary>One process that stands for election.</summary>
    private sealed class Candidate(FakeKubernetesClient client, ManualTimeProvider time, WrappedTimeProvider clock, LeaderElectionOptions options, Func<CancellationToken, Task>? work) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _workEnded = new();
        private LeaderElector? _elector;

        public FakeKubernetesClient Client => client;

        public WrappedTimeProvider Clock => clock;

        public ListLogger Log { get; } = new();

        public LeaderElector Elector => _elector ??= new LeaderElector(client, KubernetesKinds.Lease, options, clock, Log);

        public Task Run { get; private set; } = Task.CompletedTask;

        public LeadershipTerm? Term { get; private set; }

        public CancellationToken Office { get; private set; }

        public void Start() => Run = Elector.RunAsync(LeadAsync, _stop.Token);

        public void Stop() => _stop.Cancel();

        public void EndWork() => _workEnded.TrySetResult();

        public async Task StopAsync()
        {
            EndWork();
            await _stop.CancelAsync();
            await Run.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            _stop.Dispose();
        }

        public Task LeadsAsync() => Eventually.Holds(() => Term is not null, "it leads");

        public Task<TimeSpan> LeadsAfterAsync() => Eventually.HoldsAfter(time, TimeSpan.FromSeconds(0.1), () => Elector.IsLeader && Term is not null, "it leads");

        private async Task LeadAsync(LeadershipTerm term, CancellationToken office)
        {
            Office = office;
            Term = term;
            await (work is null ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, office) : Task.WhenAny(work(office), _workEnded.Task));
        }
    }
}
