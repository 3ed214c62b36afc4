using FsCheck;
using FsCheck.Fluent;
using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>What happens to a Rollout from outside.</summary>
internal abstract record Happening
{
    /// <summary>A version's letter becomes the template.</summary>
    public sealed record Applies(string Revision) : Happening;

    public sealed record RefusesTemplate : Happening;

    public sealed record Scales(int Replicas) : Happening;

    public sealed record EditsSteps(int Choice) : Happening;

    public sealed record Pauses(bool Paused) : Happening;

    public sealed record Asks(OperationVerb Verb, bool ForAnother) : Happening;

    public sealed record Undoes(string Revision) : Happening;

    public sealed record Deletes : Happening;

    public sealed record Behaves(string Revision, PodBehaviour Behaviour) : Happening;

    public sealed record FailsRequests(string Revision, int Percent) : Happening;

    public sealed record LosesPods(string Revision, int Percent, int Seconds) : Happening;

    public sealed record Answers(DataClass Class) : Happening;

    public sealed record Meddles(int Route, int Weight) : Happening;

    public sealed record MeddlesWithServices(bool Canary) : Happening;

    public sealed record LosesStatus : Happening;

    public sealed record Gateway(bool Down) : Happening;

    public sealed record Crashes(int AfterCalls) : Happening;

    public sealed record LooksBack(Cache Lagging, int Age) : Happening;

    public sealed record Jumps(int Minutes) : Happening;
}

/// <summary>A Rollout's setting, and what happens to it: each after so many seconds.</summary>
internal sealed record History(Setting Setting, IReadOnlyList<(int Seconds, Happening What)> Happenings)
{
    private static readonly string[] Revisions = ["a", "b", "c", "d"];

    /// <summary>Histories, and those with a part left out, for a small counterexample.</summary>
    public static Arbitrary<History> Arbitrary { get; } = Arb.From(Generator(), Shrink);

    public override string ToString() =>
        $"{Setting}\n" + string.Join("\n", Happenings.Select(happening => $"  +{happening.Seconds} s {happening.What}"));

    private static Gen<History> Generator() =>
        from setting in Setting.Generator
        from count in Gen.Choose(1, 14)
        from first in Gen.Constant<Happening>(new Happening.Applies("b"))
        from seconds in Gen.ArrayOf(Gen.Frequency((3, Gen.Choose(0, 3)), (3, Gen.Choose(3, 30)), (1, Gen.Choose(30, 90))), count)
        from whats in Gen.ArrayOf(What(), count)
        select new History(setting, [(1, first), .. seconds.Zip(whats)]);

    private static Gen<Happening> What()
    {
        var revision = Gen.Elements(Revisions);
        return Gen.Frequency(
            (6, revision.Select(letter => (Happening)new Happening.Applies(letter))),
            (1, Gen.Constant<Happening>(new Happening.RefusesTemplate())),
            (2, Gen.Elements(0, 1, 2, 3, 5, 10).Select(replicas => (Happening)new Happening.Scales(replicas))),
            (2, Gen.Choose(0, Setting.StepChoices.Length - 1).Select(choice => (Happening)new Happening.EditsSteps(choice))),
            (2, Gen.Elements(true, false).Select(paused => (Happening)new Happening.Pauses(paused))),
            (4, from verb in Gen.Elements(OperationVerb.Promote, OperationVerb.Abort, OperationVerb.Retry, OperationVerb.Skip, OperationVerb.PromoteFull) from other in Gen.Choose(0, 4) select (Happening)new Happening.Asks(verb, other == 0)),
            (4, revision.Select(letter => (Happening)new Happening.Undoes(letter))),
            (1, Gen.Constant<Happening>(new Happening.Deletes())),
            (4, from letter in revision from behaviour in Gen.Elements(PodBehaviour.Good, PodBehaviour.NeverReady, PodBehaviour.Crashing) select (Happening)new Happening.Behaves(letter, behaviour)),
            (3, from letter in revision from percent in Gen.Elements(0, 4, 50) select (Happening)new Happening.FailsRequests(letter, percent)),
            (3, from letter in revision from percent in Gen.Elements(10, 50, 100) from time in Gen.Choose(1, 40) select (Happening)new Happening.LosesPods(letter, percent, time)),
            (3, Gen.Elements(DataClass.Ok, DataClass.NoData, DataClass.Stale, DataClass.ProviderError).Select(answer => (Happening)new Happening.Answers(answer))),
            (2, from route in Gen.Choose(0, 1) from weight in Gen.Elements(0, 0, 5, 50, 100) select (Happening)new Happening.Meddles(route, weight)),
            (1, Gen.Elements(true, false).Select(canary => (Happening)new Happening.MeddlesWithServices(canary))),
            (1, Gen.Constant<Happening>(new Happening.LosesStatus())),
            (1, Gen.Elements(true, false).Select(down => (Happening)new Happening.Gateway(down))),
            (4, Gen.Choose(0, 8).Select(calls => (Happening)new Happening.Crashes(calls))),
            (4, from cache in Gen.Elements(Enum.GetValues<Cache>()) from age in Gen.Choose(1, 8) select (Happening)new Happening.LooksBack(cache, age)),
            (1, Gen.Elements(1, 60).Select(minutes => (Happening)new Happening.Jumps(minutes))));
    }

    private static IEnumerable<History> Shrink(History history)
    {
        var (setting, happenings) = history;
        for (var index = happenings.Count - 1; index >= 0; index--)
            yield return new History(setting, [.. happenings.Where((_, place) => place != index)]);
        if (setting.Routes > 1)
            yield return history with { Setting = setting with { Routes = 1 } };
        if (setting.Analysis)
            yield return history with { Setting = setting with { Analysis = false } };
        if (setting.Windows)
            yield return history with { Setting = setting with { Windows = false } };
        if (setting.Monitor)
            yield return history with { Setting = setting with { Monitor = false } };
    }
}

/// <summary>What the Rollout is like at first: revision <c>a</c> is deployed, and everything is at rest.</summary>
internal sealed record Setting(int Seed, int Routes, int Replicas, int Steps, bool Analysis, IntOrPercent? MaxSurge, IntOrPercent MaxUnavailable, bool Windows, bool Monitor)
{
    /// <summary>Four minutes of every ten, for the first hours of a day.</summary>
    private static readonly WindowsSpec SomeMinutes = new()
    {
        Open = [.. Enumerable.Range(0, 20).Select(number => TimeSpan.FromMinutes(10 * number)).Select(from => new OpenWindow { From = $"{from:hh\\:mm}", To = $"{from.Add(TimeSpan.FromMinutes(4)):hh\\:mm}" })],
    };

    public static readonly IReadOnlyList<StepSpec>[] StepChoices =
    [
        [Step(5), Step(25), Step(50), Step(100)],
        [Step(10), Step(50), Step(100)],
        [Step(100)],
        [Step(20, pause: true), Step(100)],
        [.. Enumerable.Range(1, 20).Select(number => Step(5 * number) with { Hold = TimeSpan.Zero })],
    ];

    public static Gen<Setting> Generator { get; } =
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from routes in Gen.Elements(0, 1, 1, 2)
        from replicas in Gen.Elements(1, 2, 3, 5, 10)
        from steps in Gen.Choose(0, StepChoices.Length - 1)
        from analysis in Gen.Elements(true, true, false)
        from limits in Gen.Elements<(IntOrPercent?, IntOrPercent)>(
            (null, IntOrPercent.Count(0)), (IntOrPercent.Count(0), IntOrPercent.Count(1)), (IntOrPercent.Percent(100), IntOrPercent.Count(0)), (IntOrPercent.Count(1), IntOrPercent.Percent(50)))
        from windows in Gen.Elements(false, false, true)
        from monitor in Gen.Elements(false, false, true)
        select new Setting(seed, routes, replicas, steps, analysis, limits.Item1, limits.Item2, windows, monitor);

    public RolloutSpec Spec => new()
    {
        Replicas = Replicas,
        ProgressDeadline = TimeSpan.FromSeconds(60),
        ScaleDownDelay = TimeSpan.FromSeconds(10),
        MaxSurge = MaxSurge,
        MaxUnavailable = MaxUnavailable,
        Steps = StepChoices[Steps],
        Windows = Windows ? SomeMinutes : null,
        Monitor = Monitor ? new MonitorSpec { Duration = TimeSpan.FromSeconds(20), ErrorRate = Analysis ? new MonitorErrorRateSpec { Max = "3%" } : null } : null,
        Traffic = Routes == 0 ? null : new TrafficSpec
        {
            Service = "shop",
            Propagation = TimeSpan.FromSeconds(3),
            Routes = [.. Enumerable.Range(1, Routes).Select(number => new RouteReference { Name = $"shop-{number}" })],
        },
        Analysis = Analysis ? new AnalysisSpec { Interval = TimeSpan.FromSeconds(5), ErrorRate = new ErrorRateSpec { Max = "5%" } } : null,
    };

    public override string ToString() =>
        $"seed {Seed}, {Routes} routes, {Replicas} replicas, steps {Steps}, analysis {Analysis}, surge {MaxSurge}, unavailable {MaxUnavailable}, windows {Windows}, monitor {Monitor}";

    private static StepSpec Step(int weight, bool pause = false) => new() { Weight = weight, Hold = TimeSpan.FromSeconds(10), Pause = pause };
}
