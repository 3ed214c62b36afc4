using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Tests.Planning;

/// <summary>What an API server without CEL rules lets through is told by the controller instead.</summary>
internal sealed class SpecProblemsTests
{
    private static readonly TrafficSpec Matched = Given.Routes with { Match = new MatchSpec { Headers = [new HeaderMatch { Name = "X-Canary", Value = "always" }] } };

    [TestCase(new[] { 5, 25, 50, 100 }, null)]
    [TestCase(new[] { 100 }, null)]
    [TestCase(new int[0], "write at least one step")]
    [TestCase(new[] { 50, 25, 100 }, "rising weights")]
    [TestCase(new[] { 50, 50, 100 }, "rising weights")]
    [TestCase(new[] { 5, 50 }, "{weight: 100} as the last step")]
    [TestCase(new[] { -5, 100 }, "from 0 to 100")]
    [TestCase(new[] { 5, 200 }, "from 0 to 100")]
    [TestCase(new[] { 0, 100 }, "write traffic.match")]
    public void Steps(int[] weights, string? says) =>
        Assert.That(Told(Given.Spec with { Steps = [.. weights.Select(weight => new StepSpec { Weight = weight })] }), says is null ? Is.Null : Does.Contain(says));

    [Test]
    public void A_step_without_weight_is_right_with_a_match() =>
        Assert.That(Told(Given.Spec with { Traffic = Matched, Steps = [new StepSpec { Weight = 0 }, new StepSpec { Weight = 100 }] }), Is.Null);

    [TestCase("0.5%", null)]
    [TestCase("0.5", "A rate is written as a percentage")]
    [TestCase("0%", "A rate is written as a percentage")]
    public void Rates(string max, string? says) =>
        Assert.That(Told(Given.Spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = max } } }), says is null ? Is.Null : Does.Contain(says));

    [Test]
    public void Rates_while_a_version_is_monitored() => Assert.That(
        Told(Given.Spec with
        {
            Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } },
            Monitor = new MonitorSpec { Duration = TimeSpan.FromMinutes(1), ErrorRate = new MonitorErrorRateSpec { Max = "much" } },
        }),
        Does.Contain("A rate is written as a percentage"));

    private static string? Told(RolloutSpec spec) => SpecProblems.Of(spec).Select(problem => problem.ToString()).FirstOrDefault();
}
