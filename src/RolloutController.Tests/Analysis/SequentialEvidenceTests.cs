using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

internal sealed class SequentialEvidenceTests
{
    private const double Tolerance = 1.5;

    // Computed apart, by another program.
    [TestCase(0, 100, 0.01, 0.22223614)]
    [TestCase(1, 20, 0.01, 1.7932203)]
    [TestCase(3, 100, 0.01, 2.2334612)]
    [TestCase(5, 100, 0.01, 25.132355)]
    [TestCase(6, 100, 0.01, 118.20223)]
    [TestCase(10, 1000, 0.005, 2.8928182)]
    [TestCase(18, 1000, 0.005, 5881.1161)]
    [TestCase(0, 1000, 0.005, 0.017466684)]
    [TestCase(40, 2000, 0.01, 620.23532)]
    public void Evidence_against_the_rate(int errors, int requests, double max, double expected) =>
        Assert.That(Once(new(requests, errors)).AgainstRate(max), Is.EqualTo(expected).Within(1e-4).Percent);

    [Test]
    public void Evidence_against_the_rate_by_alternative() =>
        Assert.That(
            SequentialEvidence.Multiples.Select(multiple => Once(new(100, 5)).LogRatio(0.01, multiple)),
            Is.EqualTo(new[] { 1.5463118547, 2.5012606137, 3.5542186384, 4.1291085014, 2.4584583836 }).Within(1e-9));

    [TestCase(50, 1, 950, 0, 3.4317335, 3.1650106)]
    [TestCase(50, 2, 950, 0, 15.626251, 12.746113)]
    [TestCase(50, 3, 950, 1, 62.916127, 40.303029)]
    [TestCase(500, 8, 9500, 40, 32.735978, 4.8543299)]
    [TestCase(500, 10, 9500, 40, 353.52152, 25.911758)]
    [TestCase(50, 25, 950, 475, 0.022117842, 7.957777e-5, Description = "half of all requests fail in both versions")]
    [TestCase(500, 5, 9500, 95, 0.18076117, 0.047324466)]
    [TestCase(1000, 20, 19000, 95, 27873.898, 181.16147)]
    public void Evidence_against_the_stable_version(int requests, int errors, int stableRequests, int stableErrors, double asGood, double tolerant)
    {
        var look = new LookCounts(requests, errors, stableRequests, stableErrors);

        Assert.That(Once(look, tolerance: 1).AgainstStable(), Is.EqualTo(asGood).Within(1e-4).Percent);
        Assert.That(Once(look).AgainstStable(), Is.EqualTo(tolerant).Within(1e-4).Percent);
    }

    [TestCase(30, 2, 570, 3, 4.97151, 4.82619, 4.89885)]
    [TestCase(30, 3, 570, 3, 28.3827, 18.938, 23.6603)]
    [TestCase(60, 3, 1140, 6, 6.34652, 7.50216, 6.92434)]
    [TestCase(110, 6, 2090, 10, 76.0271, 134.229, 105.128)]
    public void Evidence_of_both(int requests, int errors, int stableRequests, int stableErrors, double absolute, double relative, double both)
    {
        var evidence = Once(new(requests, errors, stableRequests, stableErrors));

        Assert.That(evidence.AgainstRate(0.01), Is.EqualTo(absolute).Within(1e-3).Percent);
        Assert.That(evidence.AgainstStable(), Is.EqualTo(relative).Within(1e-3).Percent);
        Assert.That(evidence.Value(0.01), Is.EqualTo(both).Within(1e-3).Percent);
    }

    [Test]
    public void Looks_add_up_whatever_their_size()
    {
        var parts = Once(new(100, 1)).Add(new(0, 0), Tolerance).Add(new(200, 5), Tolerance);

        Assert.That(parts, Is.EqualTo(Once(new(300, 6))));
    }

    [Test]
    public void Nothing_seen_is_no_evidence_and_a_comparison_needs_both_versions()
    {
        Assert.That(SequentialEvidence.None.Value(0.01), Is.EqualTo(1));
        Assert.That(Once(new(0, 0, 1000, 100)).Value(0.01), Is.EqualTo(1));
        Assert.That(Once(new(1000, 100)).AgainstStable(), Is.EqualTo(1));
    }

    [Test]
    public void Total_failure_is_more_evidence_than_a_number_holds_and_still_above_any_bound() =>
        Assert.That(Once(new(1_000_000, 1_000_000, 1_000_000, 0)).Value(0.001), Is.GreaterThan(1e6));

    [Test]
    public void Rate_of_100_percent_can_never_be_broken() => Assert.That(Once(new(100, 100)).AgainstRate(1), Is.EqualTo(1));

    [Test]
    public void Bursts_discount_the_logarithms()
    {
        var evidence = Once(new(500, 10, 9500, 40));

        Assert.That(evidence.AgainstStable(0.2), Is.EqualTo(evidence.Relative.Average(ratio => Math.Exp(ratio / 5))).Within(1e-12));
        Assert.That(Once(new(100, 5)).AgainstRate(0.01, 0.2), Is.EqualTo(SequentialEvidence.Multiples.Average(multiple => Math.Exp(Once(new(100, 5)).LogRatio(0.01, multiple) / 5))).Within(1e-12));
    }

    private static SequentialEvidence Once(LookCounts look, double tolerance = Tolerance) => SequentialEvidence.None.Add(look, tolerance);

    [Test]
    public void A_bet_that_begins_late_sees_what_went_wrong_late()
    {
        // Half an hour of good requests, then two minutes with one error in twelve, where one in twenty is fine.
        var good = new LookCounts(30_000, 300);
        var bad = new LookCounts(1_200, 100);
        var alone = SequentialEvidence.None.Add(good, 1.5).Add(bad, 1.5);
        var begun = (SequentialEvidence.None with { Accounts = [default] }).Add(good, 1.5);
        var late = (begun with { Accounts = [default, new AccountStart(begun.Requests, begun.Errors)] }).Add(bad, 1.5);

        Assert.That((alone.AgainstRate(.05) < 1, late.AgainstRate(.05) > 20), Is.EqualTo((true, true)));
        Assert.That(late.Worst(.05), Is.EqualTo((1_200L, 100L)));
    }

    [Test]
    public void Stakes_are_the_whole_however_many_bets_begin()
    {
        for (var bets = 1; bets < 30; bets++)
            Assert.That((SequentialEvidence.None with { Accounts = [.. Enumerable.Repeat(default(AccountStart), bets)] }).AgainstRate(.01), Is.EqualTo(1).Within(1e-12));
    }

    /// <summary>Ville's inequality, simulated: at the very rate that is fine, no more than one of twenty long watches ends in a breach.</summary>
    [Test]
    public void Further_bets_keep_the_bound()
    {
        var random = new Random(7);
        var breaches = 0;
        for (var run = 0; run < 1000; run++)
        {
            var evidence = SequentialEvidence.None with { Accounts = [default] };
            for (var look = 0; look < 120 && evidence.AgainstRate(.05) < 20; look++)
            {
                if (look > 0 && look % 5 == 0)
                    evidence = evidence with { Accounts = [.. evidence.Accounts, new AccountStart(evidence.Requests, evidence.Errors)] };
                var errors = Enumerable.Range(0, 100).Count(_ => random.NextDouble() < .05);
                evidence = evidence.Add(new LookCounts(100, errors), 1.5);
            }

            breaches += evidence.AgainstRate(.05) >= 20 ? 1 : 0;
        }

        Assert.That(breaches, Is.InRange(1, 50));
    }
}
