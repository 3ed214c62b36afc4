using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

internal sealed class ReplicaArithmeticTests
{
    [TestCase(10, 0, 0)]
    [TestCase(10, 1, 1)]
    [TestCase(10, 5, 1)]
    [TestCase(10, 25, 3)]
    [TestCase(10, 50, 5)]
    [TestCase(10, 100, 10)]
    [TestCase(1, 5, 1)]
    [TestCase(3, 34, 2)]
    [TestCase(0, 50, 0)]
    [TestCase(10_000, 99, 9_900)]
    public void A_canary_pod_gets_no_more_than_a_stable_one(int replicas, int weight, int pods) =>
        Assert.That(ReplicaArithmetic.CanaryForWeight(replicas, weight), Is.EqualTo(pods));

    [TestCase(10, 0, 10, 0)]
    [TestCase(10, 4, 9, 1)]
    [TestCase(10, 25, 7, 3)]
    [TestCase(10, 50, 5, 5)]
    [TestCase(10, 99, 1, 10)]
    [TestCase(10, 100, 0, 10)]
    [TestCase(1, 5, 1, 1)]
    [TestCase(1, 100, 0, 1)]
    [TestCase(2, 50, 1, 1)]
    [TestCase(3, 5, 2, 1)]
    [TestCase(3, 50, 1, 2)]
    [TestCase(0, 50, 0, 0)]
    public void Pods_split_to_the_nearest_ratio(int replicas, int weight, int stable, int canary) =>
        Assert.That(ReplicaArithmetic.Split(replicas, weight), Is.EqualTo((stable, canary)));

    [TestCase(0, 0, 0)]
    [TestCase(1, 10, 10)]
    [TestCase(1, 3, 33)]
    [TestCase(2, 3, 67)]
    [TestCase(3, 3, 100)]
    public void The_true_weight_is_rounded(int canary, int all, int weight) =>
        Assert.That(ReplicaArithmetic.TrueWeight(canary, all), Is.EqualTo(weight));

    private static IEnumerable<TestCaseData> Limits()
    {
        yield return Limit(null, IntOrPercent.Count(0), 10, 13, 10, "a quarter more by default, rounded up");
        yield return Limit(null, IntOrPercent.Count(0), 1, 2, 1, "at least one more");
        yield return Limit(IntOrPercent.Count(0), IntOrPercent.Percent(25), 10, 10, 8, "unavailable rounded down");
        yield return Limit(IntOrPercent.Count(0), IntOrPercent.Percent(25), 3, 3, 2, "one, where both come to nothing");
        yield return Limit(IntOrPercent.Count(2), IntOrPercent.Count(20), 10, 12, 0, "no fewer than none");
        yield return Limit(IntOrPercent.Percent(100), IntOrPercent.Count(0), 10, 20, 10, "all at once");
        yield return Limit(null, IntOrPercent.Count(0), 0, 0, 0, "nothing of nothing");
    }

    [TestCaseSource(nameof(Limits))]
    public void Limits_are_a_Deployments(IntOrPercent? surge, IntOrPercent unavailable, int replicas, int most, int fewest) =>
        Assert.That(SurgeLimits.For(new RolloutSpec { MaxSurge = surge, MaxUnavailable = unavailable }, replicas), Is.EqualTo(new SurgeLimits(most, fewest)));

    [TestCase(13, 10, 10, 10, 5, 0, 0, 5, "b=3", TestName = "Next: grows into the room")]
    [TestCase(13, 10, 10, 10, 5, 3, 3, 5, "a=7", TestName = "Next: shrinks by what is spare")]
    [TestCase(13, 10, 10, 4, 5, 3, 0, 5, "a=5", TestName = "Next: what is not available costs nothing")]
    [TestCase(10, 9, 10, 10, 5, 0, 0, 5, "a=9", TestName = "Next: no room, one may go")]
    [TestCase(10, 9, 9, 9, 5, 0, 0, 5, "b=1", TestName = "Next: and one may come")]
    [TestCase(13, 10, 5, 5, 5, 5, 5, 5, "", TestName = "Next: there")]
    [TestCase(13, 10, 13, 13, 5, 5, 5, 5, "a=5", TestName = "Next: over the limit nothing grows")]
    public void Counts_stay_within_the_limits(int most, int fewest, int stable, int stableAvailable, int stableTarget, int canary, int canaryAvailable, int canaryTarget, string expected)
    {
        var next = ReplicaArithmetic.Next(new SurgeLimits(most, fewest), [(Set("b", canary, canaryAvailable), canaryTarget), (Set("a", stable, stableAvailable), stableTarget)]);

        Assert.That(string.Join(",", next.Select(entry => $"{entry.Key[5..]}={entry.Value}")), Is.EqualTo(expected));
    }

    [Test]
    public void A_status_that_lags_behind_a_scale_down_counts_for_no_more_than_is_asked_for()
    {
        var shrinking = Set("a", 5) with { Current = 10, Ready = 10, Available = 10 };

        Assert.That(ReplicaArithmetic.Next(new SurgeLimits(13, 10), [(Set("b", 5, 4), 10), (shrinking, 0)]), Is.Empty);
    }

    private static TestCaseData Limit(IntOrPercent? surge, IntOrPercent unavailable, int replicas, int most, int fewest, string name) =>
        new TestCaseData(surge, unavailable, replicas, most, fewest).SetName($"Limits: {name}");
}
