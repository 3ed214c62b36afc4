using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Cli.Output;
using RolloutController.Cli.Reading;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Cli.Output;
using RolloutController.Tests.Hosting.Page;

namespace RolloutController.Tests.Cli.Reading;

/// <summary>The texts of <c>get</c>, <c>describe</c>, <c>explain</c> and <c>history</c>, letter by letter, on the clock of somebody an hour east.</summary>
internal sealed class ScreenTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 8, 15, 0, TimeSpan.Zero);
    private static readonly Shop Shop = new(Now);
    private static readonly Times Times = new(new ManualTimeProvider(Now) { Zone = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(1), "east", "east") });

    private static RolloutSnapshot Judged => Snapshot(Shop.Checked() with { Status = Shop.Checked().Status with { History = History } });

    private static IReadOnlyList<RevisionRecord> History =>
    [
        new() { Revision = "0123456789", Images = ["shop:0.9"], Outcome = RevisionOutcome.RolledBack, Time = Now.AddHours(-9), Message = "at 5 %: error rate 8 % is above 0.5 %" },
        new() { Revision = Shop.Old, Images = ["shop:1.0"], Outcome = RevisionOutcome.Promoted, Time = Now.AddHours(-10), Message = "it passed every step and replaced 9876543210" },
    ];

    [Test]
    public void Get() => Assert.That(
        Shown.Text(RolloutTable.Lines([Shop.Judging(1, 1120, 3), new Shop(Now, "worker").RolledBack()], withNamespaces: true, isWide: true, Times)), Is.EqualTo("""
        NAMESPACE   NAME     STATUS        STEP   WEIGHT   READY   AGE   STABLE       CANARY       IMAGES   MESSAGE
        store       shop     Progressing   2/4    25 %     13/10   2d    a5ce38cafb   c06ca5450c   -        25 %: 1,120 requests judged, 3 errors (0.27 %, at most 0.5 %); next look 08:15:09; holds until 08:15:20
        store       worker   RolledBack    0/4    0 %      10/10   2d    a5ce38cafb   -            -        a5ce38cafb has all the traffic; c06ca5450c was rolled back: at 25 %: error rate 7.99 % is above 0.5 %: 23 errors in 288 requests, more than chance explains. Apply another template, or ask for it again with an operation Retry
        """ + "\n"));

    [Test]
    public void Describe_a_version_that_is_judged() => Assert.That(Shown.Text(new Description(Judged, Times, Hint).Lines()), Is.EqualTo("""
        Rollout   store/shop
        Status    Progressing (StepRunning)
        Since     2026-11-21 09:11:00 +01:00 (08:11:00 UTC), 4m ago
        Message   25 %: 1,120 requests judged, 3 errors (0.27 %, at most 0.5 %); next look 08:15:09; holds until 08:15:20
        Stable    a5ce38cafb (shop:1.0)
        Canary    c06ca5450c (shop:1.1)
        Traffic   Service shop, by HTTPRoute shop
        Pods      13 ready, 10 asked for at rest
        Weight    ███████░░░░░░░░░░░░░░░░░░░░░░░ 25 %

        Steps
            5 %   done   hold 1m
           25 %   now    hold 1m, until 09:15:20 (08:15:20 UTC)
           50 %          hold 1m, then a person
          100 %          hold 1m

        Checks
          CHECK       STATE      VALUE    LIMIT   FOUND
          errorRate   fine       0.27 %   0.5%    3 of 1,120 requests failed; next look 09:15:09 (08:15:09 UTC)
          ready       fine       -        -       3 pods answer as they should
          memory      waits      81       -       memory is 81 % of the limit, the highest of 3 pods
          slow        fine       -        -       1.07 %, at most 5%: 12 of 1,120 requests slow
          smoke       waits      -        -       no look yet
          queue       critical   1400     -       the query yields 1400

        Pods
          REVISION     ROLE      READY   AGE   IMAGES
          c06ca5450c   canary    2/3     2h    shop:1.1
            shop-2     Running           5m    image of container app cannot be pulled (ImagePullBackOff: no such tag)
          a5ce38cafb   stable    10/10   1h    shop:1.0

        History
          REVISION     NUMBER   OUTCOME      TIME                                                   IMAGES     MESSAGE
          0123456789   -        RolledBack   2026-11-21 00:15:00 +01:00 (2026-11-20 23:15:00 UTC)   shop:0.9   at 5 %: error rate 8 % is above 0.5 %
          a5ce38cafb   1        Promoted     2026-11-20 23:15:00 +01:00 (22:15:00 UTC)              shop:1.0   it passed every step and replaced 9876543210

        You can
          kubectl rollouts pause shop
          kubectl rollouts skip shop
          kubectl rollouts promote shop --full
          kubectl rollouts abort shop
        """ + "\n"));

    [Test]
    public void Describe_a_version_that_failed() => Assert.That(Shown.Text(new Description(Snapshot(Shop.RolledBack()), Times, Hint).Lines()), Is.EqualTo("""
        Rollout   store/shop
        Status    RolledBack (ErrorRateBreached)
        Since     2026-11-21 09:11:00 +01:00 (08:11:00 UTC), 4m ago
        Message   a5ce38cafb has all the traffic; c06ca5450c was rolled back: at 25 %: error rate 7.99 % is above 0.5 %: 23 errors in 288 requests, more than chance explains. Apply another template, or ask for it again with an operation Retry
        Stable    a5ce38cafb (shop:1.0)
        Traffic   Service shop, by HTTPRoute shop
        Pods      10 ready, 10 asked for at rest

        Steps
            5 %      hold 1m
           25 %      hold 1m
           50 %      hold 1m, then a person
          100 %      hold 1m

        Pods
          REVISION     ROLE      READY   AGE   IMAGES
          c06ca5450c   failed    2/3     2h    shop:1.1
            shop-2     Running           5m    image of container app cannot be pulled (ImagePullBackOff: no such tag)
          a5ce38cafb   stable    10/10   1h    shop:1.0

        Last rollback
          2026-11-21 09:15:00 +01:00 (08:15:00 UTC): c06ca5450c, check errorRate: at 25 %: error rate 7.99 % is above 0.5 %: 23 errors in 288 requests, more than chance explains

        You can
          kubectl rollouts retry shop
          kubectl rollouts pause shop
        """ + "\n"));

    [Test]
    public void A_status_that_is_its_own_reason_is_written_once() => Assert.That(
        Shown.Text(new Description(Snapshot(Shop.Waiting()), Times, Hint).Lines()), Does.Contain("\nStatus    Paused\n"));

    [Test]
    public void Explain_a_version_that_is_judged() => Assert.That(Shown.Text(new Explanation(Judged, Times, Hint).Lines()), Is.EqualTo("""
        shop is at step 2/4: c06ca5450c has 25 % of the traffic and is judged, beside a5ce38cafb.
        The controller says: 25 %: 1,120 requests judged, 3 errors (0.27 %, at most 0.5 %); next look 08:15:09; holds until 08:15:20

        It goes on when
          - all 3 pods of c06ca5450c are ready; 2 are; pod shop-2: image of container app cannot be pulled (ImagePullBackOff: no such tag)
          - it has been held for 1m: until 09:15:20 (08:15:20 UTC), 20s from now
          - check memory passes: memory is 81 % of the limit, the highest of 3 pods
          - check smoke passes: no look yet
          - check queue passes: the query yields 1400

        It goes back when
          - pods of c06ca5450c crash, or take longer than 10m (progressDeadline) to become ready
          - one of these fails: errorRate, ready, memory, slow, smoke, queue

        You can
          - kubectl rollouts pause shop            freeze progress; it still goes back when it fails
          - kubectl rollouts skip shop             go on from this step without its judgement
          - kubectl rollouts promote shop --full   give the new version all the traffic, without further steps and judgement
          - kubectl rollouts abort shop            send all traffic back
        """ + "\n"));

    [Test]
    public void Explain_a_version_that_waits_for_a_person() => Assert.That(Shown.Text(new Explanation(Snapshot(Shop.Waiting()), Times, Hint).Lines()), Is.EqualTo("""
        shop is at step 3/4: c06ca5450c has 50 % of the traffic and is judged, beside a5ce38cafb.
        The controller says: 50 %: waits for a person; go on with spec.operation: {id: <new>, verb: Promote, revision: c06ca5450c}; 8,798 requests judged, 3 errors (0.03 %, at most 0.5 %)

        It goes on when
          - all 3 pods of c06ca5450c are ready; 2 are; pod shop-2: image of container app cannot be pulled (ImagePullBackOff: no such tag)
          - a person lets this step go on: kubectl rollouts promote shop

        It goes back when
          - pods of c06ca5450c crash, or take longer than 10m (progressDeadline) to become ready
          - one of these fails: errorRate

        You can
          - kubectl rollouts promote shop          let this step go on
          - kubectl rollouts pause shop            freeze progress; it still goes back when it fails
          - kubectl rollouts skip shop             go on from this step without its judgement
          - kubectl rollouts promote shop --full   give the new version all the traffic, without further steps and judgement
          - kubectl rollouts abort shop            send all traffic back
        """ + "\n"));

    [Test]
    public void Explain_a_version_that_failed() => Assert.That(Shown.Text(new Explanation(Snapshot(Shop.RolledBack()), Times, Hint).Lines()), Is.EqualTo("""
        shop is at rest, with a5ce38cafb and not the version asked for.
        The controller says: a5ce38cafb has all the traffic; c06ca5450c was rolled back: at 25 %: error rate 7.99 % is above 0.5 %: 23 errors in 288 requests, more than chance explains. Apply another template, or ask for it again with an operation Retry
        It cannot go on without you (ErrorRateBreached), since 2026-11-21 09:11:00 +01:00 (08:11:00 UTC).
        Rolled back at 2026-11-21 09:15:00 +01:00 (08:15:00 UTC): check errorRate (ErrorRateBreached), 7.99 % where 0.5 % is the limit, 23 of 288 requests.

        You can
          - kubectl rollouts retry shop   try the version that failed again
          - kubectl rollouts pause shop   freeze progress; it still goes back when it fails
        """ + "\n"));

    [Test]
    public void Explain_what_nobody_judges()
    {
        var judging = Shop.Judging(1, 10, 0);
        var skipped = judging with { Status = judging.Status with { State = (Progressing)judging.Status.State with { Stage = StepStage.Raising, Weight = 100, Skip = SkipScope.Rest, Waiver = new("everything from 5 % on", "operation 7 of alice") } } };

        Assert.That(Shown.Text(new Explanation(Snapshot(skipped), Times, Hint).Lines()), Is.EqualTo("""
        shop is on the way to step 2/4: 100 % of the traffic for c06ca5450c, beside a5ce38cafb.
        The controller says: 25 %: 10 requests judged, 0 errors (0 %, at most 0.5 %); next look 08:15:09; holds until 08:15:20
        A person took it on themselves: not judged: everything from 5 % on, by operation 7 of alice.

        It goes on when
          - all 3 pods of c06ca5450c are ready; 2 are; pod shop-2: image of container app cannot be pulled (ImagePullBackOff: no such tag)
          - its pods have ready endpoints, the route carries 100 % of the traffic, and its gateway has accepted it

        It goes back when
          - pods of c06ca5450c crash, or take longer than 10m (progressDeadline) to become ready

        You can
          - kubectl rollouts pause shop   freeze progress; it still goes back when it fails
          - kubectl rollouts abort shop   send all traffic back
        """ + "\n"));
    }

    [Test]
    public void Explain_says_that_nobody_has_looked() => Assert.That(
        Shown.Text(new Explanation(Snapshot(new RolloutObject { Metadata = Shop.Healthy().Metadata }), Times, Hint).Lines()), Does.StartWith("""
        The controller has not looked at shop yet.
        The spec is newer than that. Where it stays so, the controller does not run: kubectl -n rollout-system get pods
        """));

    [Test]
    public void History_says_what_can_be_gone_to() => Assert.That(Shown.Text(HistoryTable.Lines(Judged, Times, most: 10)), Is.EqualTo("""
        REVISION     NUMBER   OUTCOME      TIME                                                   IMAGES     MESSAGE
        0123456789   -        RolledBack   2026-11-21 00:15:00 +01:00 (2026-11-20 23:15:00 UTC)   shop:0.9   at 5 %: error rate 8 % is above 0.5 %
        a5ce38cafb   1        Promoted     2026-11-20 23:15:00 +01:00 (22:15:00 UTC)              shop:1.0   it passed every step and replaced 9876543210
        """ + "\n"));

    [Test]
    public void Lines_of_a_log_differ_where_something_happened()
    {
        Assert.That(Shown.Text([ProgressLine.Of(Shop.Judging(1, 1120, 3), Times)]), Is.EqualTo("""
        09:15:00 (08:15:00 UTC)  Progressing  2/4     25 %  25 %: 1,120 requests judged, 3 errors (0.27 %, at most 0.5 %); next look 08:15:09; holds until 08:15:20
        """ + "\n"));
        Assert.That(ProgressLine.Place(Shop.Judging(1, 1120, 3)), Is.EqualTo(ProgressLine.Place(Shop.Judging(1, 1240, 4))));
        Assert.That(ProgressLine.Place(Shop.Judging(1, 1120, 3)), Is.Not.EqualTo(ProgressLine.Place(Shop.Judging(2, 1120, 3))));
    }

    private static string Hint(string command) => $"kubectl rollouts {command.Replace("{}", "shop", StringComparison.Ordinal)}";

    private static RolloutSnapshot Snapshot(RolloutObject rollout) =>
        new(rollout, [(Set(Shop.Old, "shop:1.0", 10, 1), []), (Set(Shop.New, "shop:1.1", 3, 2), [Pod("shop-1", ready: true), Pod("shop-2", ready: false)])]);

    private static ReplicaSet Set(string revision, string image, int replicas, int number) => new()
    {
        Metadata = new ObjectMeta
        {
            Namespace = "store",
            Name = $"shop-{revision}",
            CreationTimestamp = Now.AddHours(-number),
            Labels = new Dictionary<string, string> { ["pod-template-hash"] = revision },
            Annotations = new Dictionary<string, string> { ["rollouts.dev/revision"] = $"{number}" },
        },
        Spec = new ReplicaSetSpec { Replicas = replicas, Template = new PodTemplateDigest("", new Dictionary<string, string>(), [image]) },
        Status = new ReplicaSetStatus { ReadyReplicas = replicas - number + 1 },
    };

    private static Pod Pod(string name, bool ready) => new()
    {
        Metadata = new ObjectMeta { Namespace = "store", Name = name, CreationTimestamp = Now.AddMinutes(-5) },
        Status = new PodStatus
        {
            Phase = "Running",
            Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False" }],
            ContainerStatuses = [new ContainerStatus { Name = "app", Ready = ready, State = new ContainerState { Waiting = ready ? null : new ContainerWaiting { Reason = "ImagePullBackOff", Message = "no such tag" } } }],
        },
    };
}
