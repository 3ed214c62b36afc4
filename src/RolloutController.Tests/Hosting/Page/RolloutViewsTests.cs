using System.Text.Json;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Hosting.Page;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RolloutViewsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 8, 15, 0, TimeSpan.Zero);

    private readonly Shop _shop = new(Now);

    [Test]
    public void Steps_say_where_they_lie()
    {
        Assert.That(Places(_shop.Raising(1)), Is.EqualTo(new[] { StepPlace.Passed, StepPlace.Raising, StepPlace.Ahead, StepPlace.Ahead }));
        Assert.That(Places(_shop.Judging(1, 10, 0)), Is.EqualTo(new[] { StepPlace.Passed, StepPlace.Judging, StepPlace.Ahead, StepPlace.Ahead }));
        Assert.That(Places(_shop.Healthy()), Is.All.EqualTo(StepPlace.Passed));
        Assert.That(Places(_shop.RolledBack()), Is.All.EqualTo(StepPlace.Ahead));

        static IEnumerable<StepPlace> Places(RolloutObject rollout) => RolloutViews.Summary(rollout, []).Steps.Select(step => step.Place);
    }

    [Test]
    public void Weight_is_that_of_the_version_under_trial_and_none_at_rest()
    {
        Assert.That(RolloutViews.Summary(_shop.Judging(1, 10, 0), []).Weight, Is.EqualTo(25));
        Assert.That(RolloutViews.Summary(_shop.Healthy(), []), Has.Property("Weight").Zero.And.Property("Canary").Null);
    }

    [Test]
    public void Revisions_carry_their_images()
    {
        var summary = RolloutViews.Summary(_shop.Judging(0, 10, 0), [Set(Shop.Old, "shop:1.0"), Set(Shop.New, "shop:1.1")]);

        Assert.That(summary.Stable!.Images, Is.EqualTo(new[] { "shop:1.0" }));
        Assert.That(summary.Canary!.Images, Is.EqualTo(new[] { "shop:1.1" }));
    }

    [Test]
    public void Evidence_comes_with_what_it_is_judged_by()
    {
        var detail = RolloutViews.Detail(_shop.Judging(2, 1240, 3), []);

        Assert.That(detail.Rule, Is.EqualTo(new ErrorRateRuleView("0.5%", 0.005, 15)));
        Assert.That(detail.Evidence, Has.Property("Requests").EqualTo(1240).And.Property("Errors").EqualTo(3).And.Property("Needed").EqualTo(1597));
        Assert.That(detail.Evidence!.NextLook, Is.EqualTo(Now.AddSeconds(9)));
        Assert.That(detail.HoldsUntil, Is.EqualTo(Now.AddSeconds(20)));
    }

    [Test]
    public void A_threshold_that_is_no_rate_hides_nothing_else()
    {
        var shop = new Shop(Now) { Spec = _shop.Spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "many" } } } };

        Assert.That(RolloutViews.Detail(shop.Judging(0, 10, 0), []).Rule, Is.EqualTo(new ErrorRateRuleView("many", null, 15)));
    }

    [Test]
    public void Only_what_can_be_done_now_is_offered()
    {
        Assert.That(Offered(_shop.Healthy()), Is.EqualTo("Pause"));
        Assert.That(Offered(_shop.Judging(1, 10, 0)), Is.EqualTo($"Pause, Skip {Shop.New}, PromoteFull {Shop.New}, Abort {Shop.New}"));
        Assert.That(Offered(_shop.Waiting()), Is.EqualTo($"Promote {Shop.New}, Pause, Skip {Shop.New}, PromoteFull {Shop.New}, Abort {Shop.New}"));
        Assert.That(Offered(_shop.RolledBack()), Is.EqualTo($"Retry {Shop.New}, Pause"));
        Assert.That(Offered(_shop.Promoting()), Is.EqualTo("Pause"));
        Assert.That(Offered(new Shop(Now) { Spec = _shop.Spec with { Paused = true } }.Healthy()), Is.EqualTo("Resume"));

        static string Offered(RolloutObject rollout) =>
            string.Join(", ", RolloutViews.Detail(rollout, []).Operations.Select(operation => $"{operation.Verb} {operation.Revision}".Trim()));
    }

    [Test]
    public void Pods_in_trouble_come_first_and_say_why()
    {
        var pods = new[] { Pod("shop-1", ready: true), Pod("shop-2", ready: false, waiting: "ImagePullBackOff"), Pod("shop-3", ready: true) with { Metadata = Named("shop-3") with { DeletionTimestamp = Now } } };

        var shown = RolloutViews.Detail(_shop.Judging(0, 10, 0), [(Set(Shop.New, "shop:1.1"), pods)]).Revisions.Single();

        Assert.That(shown.Role, Is.EqualTo(RevisionRole.Canary));
        Assert.That(shown.Pods.Select(pod => pod.Name), Is.EqualTo(new[] { "shop-2", "shop-3", "shop-1" }));
        Assert.That(shown.Pods[0].Trouble, Is.EqualTo("image of container app cannot be pulled (ImagePullBackOff: no such tag)"));
        Assert.That(shown.Pods[1], Has.Property("Phase").EqualTo("Terminating").And.Property("Ready").False);
    }

    [Test]
    public void Many_pods_are_counted_and_not_all_shown()
    {
        var pods = Enumerable.Range(0, RolloutViews.MaxPods + 7).Select(index => Pod($"shop-{index}", ready: true)).ToArray();

        var shown = RolloutViews.Detail(_shop.Healthy(), [(Set(Shop.Old, "shop:1.0"), pods)]).Revisions.Single();

        Assert.That((shown.Pods.Count, shown.MorePods), Is.EqualTo((RolloutViews.MaxPods, 7)));
    }

    [Test]
    public void Former_revisions_without_pods_are_left_out() => Assert.That(
        RolloutViews.Detail(_shop.Healthy(), [(Set("0123456789", "shop:0.9") with { Spec = new ReplicaSetSpec() }, [])]).Revisions, Is.Empty);

    [Test]
    public void A_Rollout_that_nobody_reported_on_can_be_shown()
    {
        var detail = RolloutViews.Detail(new RolloutObject { Metadata = Named("new") with { Generation = 1 } }, []);

        Assert.That(detail.Summary, Has.Property("Stable").Null.And.Property("Since").Null.And.Property("IsOutdated").True);
        Assert.That(JsonSerializer.Serialize(new DetailMessage(Now, true, detail), PageJson.Default.DetailMessage), Does.Contain("\"name\":\"new\""));
    }

    private static ObjectMeta Named(string name) => new() { Namespace = "store", Name = name };

    private static ReplicaSet Set(string revision, string image) => new()
    {
        Metadata = Named($"shop-{revision}") with { Labels = new Dictionary<string, string> { ["pod-template-hash"] = revision } },
        Spec = new ReplicaSetSpec { Replicas = 3, Template = new PodTemplateDigest("", new Dictionary<string, string> { ["pod-template-hash"] = revision }, [image]) },
    };

    private static Pod Pod(string name, bool ready, string? waiting = null) => new()
    {
        Metadata = Named(name),
        Status = new PodStatus
        {
            Phase = "Running",
            Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False" }],
            ContainerStatuses = [new ContainerStatus { Name = "app", Ready = ready, State = new ContainerState { Waiting = waiting is null ? null : new ContainerWaiting { Reason = waiting, Message = "no such tag" } } }],
        },
    };
}
