using System.Globalization;
using NUnit.Framework;

namespace RolloutController.Tests.Faults;

/// <summary>
/// Every call of every story is hit by every fault with <c>ROLLOUT_TEST_FAULTS=all</c>; else a choice is played in which each story meets each kind of
/// fault. <c>ROLLOUT_TEST_SEED</c> makes another choice, <c>ROLLOUT_TEST_PAIRS</c> says how many pairs there are.
/// </summary>
[Category("Faults")]
internal sealed class SweepTests
{
    private const int PairsOfAll = 500;
    private const int PairsOfSome = 20;

    [FaultRow(10, "restart against an API server that lags")]
    [FaultRow(11, "the cache of routes stands still")]
    [FaultRow(12, "the cache of EndpointSlices stands still")]
    [FaultRow(13, "a list that is older than what was seen")]
    [FaultRow(37, "the process stands still between the verdict and the write")]
    [TestCaseSource(typeof(Stories), nameof(Stories.All))]
    public void Every_call_is_hit_by_every_fault(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        var faults = FaultCatalogue.Of(golden, fromStart: story == Stories.Promote || story == Stories.Adopted);
        var chosen = FaultSweep.All ? faults : Choose(faults);
        FaultSweep.Require([.. chosen.Select(fault => (golden, (IReadOnlyList<Fault>)[fault]))]);
    }

    [Test]
    public void Pairs_of_faults()
    {
        var random = new Random(FaultSweep.Seed);
        var count = int.TryParse(Environment.GetEnvironmentVariable("ROLLOUT_TEST_PAIRS"), CultureInfo.InvariantCulture, out var asked) ? asked : FaultSweep.All ? PairsOfAll : PairsOfSome;
        var stories = Stories.All.Select(story => FaultBed.Play(story, []).Require()).Select(golden => (Golden: golden, Faults: FaultCatalogue.Of(golden, fromStart: false).ToList())).ToList();
        var pairs = Enumerable.Range(0, count).Select(_ => stories[random.Next(stories.Count)])
            .Select(story => (story.Golden, (IReadOnlyList<Fault>)[story.Faults[random.Next(story.Faults.Count)], story.Faults[random.Next(story.Faults.Count)]]));
        TestContext.Out.WriteLine($"seed {FaultSweep.Seed}");
        FaultSweep.Require([.. pairs]);
    }

    /// <summary>One fault of each kind.</summary>
    private static List<Fault> Choose(IEnumerable<Fault> faults)
    {
        var random = new Random(FaultSweep.Seed);
        return faults.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => kind.ElementAt(random.Next(kind.Count()))).ToList();
    }
}
