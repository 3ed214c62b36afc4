using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary><c>spec.windows</c> on the embedded cluster.</summary>
internal sealed class WindowStoryTests
{
    /// <summary>A Thursday, an hour before six in Toronto.</summary>
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private const string Windows = """
        windows: {timeZone: America/Toronto, open: [{days: [Mon, Tue, Wed, Thu, Fri], from: "06:00", to: "06:30"}]}
        analysis: {errorRate: {max: 1%}}
        """;

    [Test]
    public void A_rollout_waits_for_its_window_and_goes_back_outside_of_it() => Story.Tell($"{Windows}\nsteps: [{{weight: 25, hold: 1h}}, {{weight: 100}}]", Start, async story =>
    {
        var shipping = story.ShipAsync("2");
        var waiting = await story.UntilAsync(status => status.Phase == Phase.Paused, "it to wait");
        Assert.That(waiting.Message, Does.EndWith("opens Thu 2026-03-05 06:00 America/Toronto (2026-03-05 11:00 UTC)"));

        await shipping;
        Assert.That(story.Now - Start, Is.EqualTo(TimeSpan.FromHours(1)).Within(TimeSpan.FromSeconds(1)));
        await story.UntilAsync(status => status.Conditions[0].Reason == "OutsideWindow" && status.Phase == Phase.Progressing, "the step to hold");
        Assert.That(story.Status.Message, Does.StartWith("25 %: passed; goes on in the next of spec.windows, which opens Fri 2026-03-06 06:00 America/Toronto"));

        story.Fail("2");
        await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That(story.Now, Is.LessThan(Start + TimeSpan.FromHours(3)));
        Assert.That(story.ReadyPods("1"), Is.EqualTo(10));
    });

    [Test]
    public void A_step_that_was_passed_goes_on_in_the_next_window() => Story.Tell($"{Windows}\nsteps: [{{weight: 25, hold: 1h}}, {{weight: 100}}]", Start, async story =>
    {
        await story.ShipAsync("2");
        await story.UntilAtRestAsync(Phase.Healthy);

        Assert.That(story.Now, Is.EqualTo(Start + TimeSpan.FromHours(25)).Within(TimeSpan.FromMinutes(10)));
    });

    [Test]
    public void An_unknown_time_zone_is_said_at_once() => Story.Tell("windows: {open: [{days: [Mon]}]}", Start, async story =>
    {
        story.Change("windows: {timeZone: America/Torronto, open: [{days: [Mon]}]}");

        var status = await story.UntilAsync(status => status.Phase == Phase.Invalid, "it to be invalid");
        Assert.That(status.Message, Does.StartWith("spec.windows.timeZone: there is no time zone 'America/Torronto'; write"));
    });
}
