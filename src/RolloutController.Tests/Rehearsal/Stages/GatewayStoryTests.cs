using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>The gateway is down: the rows of <c>docs/operations.md</c> for its controller and for its proxies. No request may be lost, as in any story.</summary>
internal sealed class GatewayStoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private const string Fields = """
        progressDeadline: 5m
        steps: [{weight: 25, hold: 2m}, {weight: 50, hold: 2m}, {weight: 100, hold: 2m}]
        analysis: {errorRate: {max: 1%}}
        """;

    [Test]
    public void A_gateway_whose_controller_is_down_is_waited_for_and_the_rollout_goes_on_when_it_is_back() => Story.Tell(Fields, Start, async story =>
    {
        await story.ShipAsync("2");
        await story.UntilAsync(status => IsJudgedAt(status, 25), "25 %");
        story.Gateway.IsDown = true;

        await story.UntilAsync(status => status.State is Progressing { Stage: StepStage.Raising, Weight: 50 } && story.Route.Contains("50", StringComparison.Ordinal), "the route to ask for 50 %");
        var since = story.Now;
        var stalled = await story.UntilAsync(status => Stalled(status) == "RouteNotAccepted", "a person to be called");
        Assert.That(story.Now - since, Is.EqualTo(TimeSpan.FromMinutes(5)).Within(TimeSpan.FromSeconds(10)));
        Assert.That(stalled.Message, Does.StartWith("on the way to 50 %: waits for the gateway: "));
        await story.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That((story.Share("2"), story.Status.State), Is.EqualTo((25, stalled.State)), "what the proxies were told last");

        story.Gateway.IsDown = false;
        await story.UntilAsync(status => IsJudgedAt(status, 50), "50 %");
        Assert.That(Stalled(story.Status), Is.Null);
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(story.Share("2"), Is.EqualTo(100).Within(0.001));
    });

    [Test]
    public void On_the_way_back_the_route_is_written_and_the_pods_stay_until_the_gateway_has_read_it() => Story.Tell(Fields, Start, async story =>
    {
        var atRest = story.Route;
        await story.ShipAsync("2");
        await story.UntilAsync(status => IsJudgedAt(status, 25), "25 %");
        story.Gateway.IsDown = true;
        story.Fail("2");

        await story.UntilAsync(status => status.State is RollingBack, "the version to be taken back");
        await story.UntilAsync(_ => story.Route == atRest, "the route to be what the user applied");
        await story.UntilAsync(status => Stalled(status) is not null, "a person to be called");
        await story.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That(story.Status.Message, Does.Contain("waits for the gateway: "));
        Assert.That((story.Share("2"), story.ReadyPods("2")), Is.EqualTo((25, 3)), "its proxies still send them requests");

        story.Gateway.IsDown = false;
        await story.UntilAsync(_ => story.Share("2") == 0, "the requests to be back");
        await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That(story.ReadyPods("2"), Is.Zero);
    });

    [Test]
    public void Proxies_that_are_down_send_nothing_that_could_be_judged_and_it_holds() => Story.Tell(Fields, Start, async story =>
    {
        await story.ShipAsync("2");
        await story.UntilAsync(status => IsJudgedAt(status, 25), "25 %");
        story.RequestsPerSecond = 0;

        await story.PassAsync(TimeSpan.FromMinutes(15));
        Assert.That((story.Share("2"), story.Status.Step), Is.EqualTo((25, "1/3")));
        Assert.That((Reason(story.Status), Stalled(story.Status)), Is.EqualTo(("NoData", "NoData")));

        story.RequestsPerSecond = 50;
        await story.UntilAtRestAsync(Phase.Healthy);
    });

    private static bool IsJudgedAt(RolloutStatus status, int weight) => status.State is Progressing { Stage: StepStage.Judging } step && step.Weight == weight;

    private static string? Reason(RolloutStatus status) => status.Conditions.Single(condition => condition.Type == "Progressing").Reason;

    /// <summary>Why a person is called; null where nobody is.</summary>
    private static string? Stalled(RolloutStatus status) => status.Conditions.FirstOrDefault(condition => condition is { Type: "Stalled", Status: "True" })?.Reason;
}
