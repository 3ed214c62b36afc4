using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>The times of <c>spec.windows</c>, and what they hold up.</summary>
internal sealed class RolloutWindowsTests
{
    private const string Toronto = "America/Toronto";

    private static readonly OpenWindow Mornings = new() { Days = [Weekday.Mon, Weekday.Tue, Weekday.Wed, Weekday.Thu, Weekday.Fri], From = "06:00", To = "08:00" };
    private static readonly OpenWindow Weekends = new() { Days = [Weekday.Sat, Weekday.Sun] };
    private static readonly OpenWindow FridayNights = new() { Days = [Weekday.Fri], From = "22:00", To = "02:00" };
    private static readonly OpenWindow Lunch = new() { From = "13:00", To = "14:00" };

    // Given.Now is a Thursday noon in UTC; summer time in Toronto lasts from 8 March to 1 November 2026, 02:00 each.
    private static IEnumerable<TestCaseData> Table()
    {
        yield return Case("a morning, an hour before", Toronto, Mornings, "2026-01-05T10:00Z", "2026-01-05T11:00Z");
        yield return Case("a morning, at its beginning", Toronto, Mornings, "2026-01-05T11:00Z", "2026-01-05T11:00Z");
        yield return Case("a morning, at its end", Toronto, Mornings, "2026-01-05T13:00Z", "2026-01-06T11:00Z");
        yield return Case("a morning, on Friday after it", Toronto, Mornings, "2026-01-09T13:00Z", "2026-01-12T11:00Z");
        yield return Case("a morning, in summer", Toronto, Mornings, "2026-07-06T09:00Z", "2026-07-06T10:00Z");
        yield return Case("whole days, from midnight", Toronto, Weekends, "2026-01-09T12:00Z", "2026-01-10T05:00Z");
        yield return Case("whole days, through midnight", Toronto, Weekends, "2026-01-11T05:00Z", "2026-01-11T05:00Z");
        yield return Case("whole days, over at midnight", Toronto, Weekends, "2026-01-12T05:00Z", "2026-01-17T05:00Z");
        yield return Case("past midnight, on the next day", "UTC", FridayNights, "2026-01-10T01:59Z", "2026-01-10T01:59Z");
        yield return Case("past midnight, over", "UTC", FridayNights, "2026-01-10T02:00Z", "2026-01-16T22:00Z");
        yield return Case("past midnight, not a day early", "UTC", FridayNights, "2026-01-09T01:00Z", "2026-01-09T22:00Z");
        yield return Case("every day", "UTC", Lunch, "2026-01-10T14:00Z", "2026-01-11T13:00Z");
        yield return Case("only a beginning", "UTC", new OpenWindow { From = "20:00" }, "2026-01-10T00:00Z", "2026-01-10T20:00Z");
        yield return Case("only an end", "UTC", new OpenWindow { To = "04:00" }, "2026-01-10T04:00Z", "2026-01-11T00:00Z");
        yield return Case("until 24:00", "UTC", new OpenWindow { From = "20:00", To = "24:00" }, "2026-01-10T23:59Z", "2026-01-10T23:59Z");
        yield return Case("an hour that is skipped opens a week later", Toronto, new OpenWindow { Days = [Weekday.Sun], From = "02:15", To = "02:45" }, "2026-03-08T00:00Z", "2026-03-15T06:15Z");
        yield return Case("a beginning that is skipped: the clock leads into it", Toronto, new OpenWindow { Days = [Weekday.Sun], From = "02:30", To = "04:00" }, "2026-03-08T05:00Z", "2026-03-08T07:00Z");
        yield return Case("an hour shown twice, the first time", Toronto, new OpenWindow { From = "01:15", To = "01:30" }, "2026-11-01T05:00Z", "2026-11-01T05:15Z");
        yield return Case("an hour shown twice, the second time", Toronto, new OpenWindow { From = "01:15", To = "01:30" }, "2026-11-01T05:30Z", "2026-11-01T06:15Z");
        yield return Case("the clock leads back into it", Toronto, new OpenWindow { From = "00:30", To = "01:30" }, "2026-11-01T05:30Z", "2026-11-01T06:00Z");
    }

    [TestCaseSource(nameof(Table))]
    public void Opens(string timeZone, OpenWindow window, DateTimeOffset now, DateTimeOffset opening)
    {
        var windows = Windows(timeZone, window);

        Assert.That((windows.NextOpening(now), windows.AreOpen(now)), Is.EqualTo((opening, now == opening)));
    }

    [Test]
    public void The_first_of_several_counts() =>
        Assert.That(Windows(Toronto, Mornings, Weekends).NextOpening(At("2026-01-09T13:00Z")), Is.EqualTo(At("2026-01-10T05:00Z")));

    [Test]
    public void The_next_opening_is_open_and_nothing_before_it_is()
    {
        var zones = Gen.Elements("UTC", Toronto, "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Africa/Casablanca");
        var time = Gen.Choose(0, 1439).Select(minute => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}"));
        var days = Gen.Choose(0, 127).Select(bits => bits == 0 ? null : Enum.GetValues<Weekday>().Where(day => (bits & (1 << ((int)day - 1))) != 0).ToList());
        var window = from day in days from start in time from end in time select new OpenWindow { Days = day, From = start, To = end };
        var cases = from zone in zones
                    from open in Gen.NonEmptyListOf(window)
                    from minute in Gen.Choose(0, 2 * 366 * 24 * 60)
                    select (Zone: zone, Open: open.Take(3).ToList(), Now: At("2026-01-01T00:00Z").AddMinutes(minute));

        Prop.ForAll(Arb.From(cases), example =>
        {
            var (windows, clock) = (Windows(example.Zone, [.. example.Open]), DateTimeZoneProviders.Tzdb[example.Zone]);
            var opening = windows.NextOpening(example.Now);
            var before = Enumerable.Range(0, (int)(opening - example.Now).TotalMinutes).Select(minute => example.Now.AddMinutes(minute));
            return ReadsOpen(example.Open, opening, clock) && windows.AreOpen(opening) && !before.Any(moment => ReadsOpen(example.Open, moment, clock));
        }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300));
    }

    [TestCase("America/Torronto")]
    [TestCase("EDT")]
    public void An_unknown_time_zone_is_named_by_its_field(string timeZone) => Assert.That(
        RolloutWindows.Problem(new RolloutSpec { Windows = new WindowsSpec { TimeZone = timeZone, Open = [Lunch] } })!.ToString(),
        Does.StartWith("spec.windows.timeZone: ").And.Contain(timeZone).And.Contain("such as America/Toronto"));

    [Test]
    public void A_new_version_waits_until_one_opens()
    {
        var plan = Decide(AtRest().With(Closed));

        Assert.That(plan.Status.State, Is.EqualTo(new AtRest("a")));
        Assert.That((plan.Status.Phase, plan.Condition("Ready"), plan.Condition("Stalled")), Is.EqualTo((Phase.Paused, "False", "False")));
        Assert.That(plan.Status.Conditions[0].Reason, Is.EqualTo("OutsideWindow"));
        Assert.That(plan.Status.Message, Does.Contain("b waits").And.Contain("Thu 2026-01-01 09:00 America/Toronto (2026-01-01 14:00 UTC)"));
        Assert.That(plan.WakeAt, Is.EqualTo(Now.AddHours(2)));
        Assert.That(plan.Effects, Is.Empty);
    }

    [Test]
    public void What_keeps_a_Rollout_at_rest_goes_on() =>
        Assert.That(Decide((AtRest() with { Revisions = [Set("a", 4)] }).With(Closed)).Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-a", 10) }));

    [Test]
    public void An_open_one_lets_it_set_out() =>
        Assert.That(Decide(AtRest().With(spec => spec with { Windows = new WindowsSpec { Open = [new OpenWindow { From = "12:00", To = "13:00" }] } })).Status.State, Is.TypeOf<Progressing>());

    [TestCase(0, true, TestName = "Outside the windows a stable version that serves nobody is replaced")]
    [TestCase(1, false, TestName = "Outside the windows one that serves is not")]
    public void A_bad_stable_does_not_wait(int available, bool starts) =>
        Assert.That(Decide((AtRest() with { Revisions = [Set("a", 10, available)] }).With(Closed)).Status.State is Progressing, Is.EqualTo(starts));

    [TestCase(25, TestName = "Outside the windows: no higher weight")]
    [TestCase(100, TestName = "Outside the windows: no promotion")]
    public void A_step_that_was_passed_holds(int weight)
    {
        var seen = Judged(weight, StepStage.Judging).With(Closed);

        var plan = Decide(seen);

        Assert.That((plan.Status.State, plan.Status.Phase), Is.EqualTo((seen.Status.State, Phase.Progressing)));
        Assert.That(plan.Status.Message, Does.StartWith($"{weight} %: passed; goes on").And.Contain("09:00 America/Toronto"));
        Assert.That((plan.WakeAt, plan.Condition("Stalled")), Is.EqualTo(((DateTimeOffset?)Now.AddHours(2), "False")));
    }

    [Test]
    public void A_step_whose_stable_version_serves_nobody_goes_on()
    {
        var seen = Judged(25, StepStage.Judging).With(Closed) with { Revisions = [Set("a", 10, 0), Set("b", 3)] };

        Assert.That(((Progressing)Decide(seen).Status.State).Weight, Is.EqualTo(50));
    }

    [Test]
    public void A_weight_that_was_decided_is_set()
    {
        var seen = Judged(25, StepStage.Raising).With(TrafficSeen("a", "b", 5, canaryReady: 3)).With(Closed);

        Assert.That(Decide(seen).Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(25) }));
    }

    [Test]
    public void A_rollback_waits_for_nothing()
    {
        var trouble = new PodTrouble(PodTroubleKind.CrashLoop, "shop-1 crashes", Now);
        var seen = Judged(25, StepStage.Judging).With(Closed) with { Revisions = [Set("a", 10), Set("b", 3, 2, trouble)] };

        Assert.That(Decide(seen).Status.State, Is.TypeOf<RollingBack>());
    }

    [Test]
    public void The_version_after_next_waits_for_its_own()
    {
        var settling = new RollingBack("a", "b", Routes, ConclusionStage.Settling, Now - TimeSpan.FromSeconds(1), RollbackCause.Superseded);

        var plan = Decide(Rollout(settling, "c", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b")).With(Closed));

        Assert.That((plan.Status.State, plan.WakeAt), Is.EqualTo(((RolloutState)settling, (DateTimeOffset?)Now.AddHours(2))));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 0) }));
    }

    [Test]
    public void The_first_version_is_deployed_at_once() =>
        Assert.That(Decide(Rollout(new Initial(), "a").With(Closed)).Status.State, Is.TypeOf<Deploying>());

    private static TestCaseData Case(string name, string timeZone, OpenWindow window, string now, string opening) =>
        new TestCaseData(timeZone, window, At(now), At(opening)).SetName($"Opens: {name}");

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static RolloutWindows Windows(string timeZone, params OpenWindow[] open) =>
        RolloutWindows.Of(new RolloutSpec { Windows = new WindowsSpec { TimeZone = timeZone, Open = open } })!;

    /// <summary>By the words of the documentation: what the wall clock shows lies in the window.</summary>
    private static bool ReadsOpen(IEnumerable<OpenWindow> open, DateTimeOffset moment, DateTimeZone clock)
    {
        var shown = Instant.FromDateTimeOffset(moment).InZone(clock);
        var time = shown.ToString("HH:mm", CultureInfo.InvariantCulture);
        var (today, yesterday) = ((Weekday)shown.DayOfWeek, (Weekday)shown.Date.PlusDays(-1).DayOfWeek);
        return open.Any(window => Later(window.To!, window.From!)
            ? Begins(window, today) && !Later(window.From!, time) && Later(window.To!, time)
            : (Begins(window, today) && !Later(window.From!, time)) || (Begins(window, yesterday) && Later(window.To!, time)));
    }

    private static bool Begins(OpenWindow window, Weekday day) => window.Days?.Contains(day) != false;

    private static bool Later(string one, string other) => string.CompareOrdinal(one, other) > 0;

    /// <summary>09:00 to 10:00 in Toronto, two hours after <see cref="Now"/>.</summary>
    private static RolloutSpec Closed(RolloutSpec spec) =>
        spec with { Windows = new WindowsSpec { TimeZone = Toronto, Open = [new OpenWindow { From = "09:00", To = "10:00" }] } };

    private static Observation AtRest() => Rollout(new AtRest("a"), "b", Set("a", 10));

    private static Observation Judged(int weight, StepStage stage)
    {
        var pods = ReplicaArithmetic.CanaryForWeight(10, weight);
        return Rollout(Step(weight, stage, TimeSpan.FromMinutes(stage == StepStage.Judging ? 20 : 1)), "b", Set("a", 10), Set("b", pods)).With(TrafficSeen("a", "b", weight, canaryReady: pods));
    }
}
