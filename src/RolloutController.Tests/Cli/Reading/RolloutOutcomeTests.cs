using NUnit.Framework;
using RolloutController.Cli.Reading;
using RolloutController.Control;
using RolloutController.Tests.Hosting.Page;

namespace RolloutController.Tests.Cli.Reading;

/// <summary>How a pipeline understands a status.</summary>
internal sealed class RolloutOutcomeTests
{
    private static readonly Shop Shop = new(new DateTimeOffset(2026, 11, 21, 8, 15, 0, TimeSpan.Zero));

    private static IEnumerable<TestCaseData> Table()
    {
        yield return Case("at rest", Shop.Healthy(), 0);
        yield return Case("judged", Shop.Judging(1, 10, 0), 5);
        yield return Case("promoted, and not settled", Shop.Promoting(), 5);
        yield return Case("on the way back", Shop.RollingBack(), 5);
        yield return Case("rolled back", Shop.RolledBack(), 3);
        yield return Case("waits for a person", Shop.Waiting(), 4);
        yield return Case("stalled", Shop.Judging(1, 10, 0, "NoData", stalled: true), 4);
        yield return Case("invalid", Shop.Invalid(), 4);
        yield return Case("waits for a window", Outside(Shop.Waiting()), 5);
        yield return Case("not seen", Shop.Healthy() with { Metadata = Shop.Healthy().Metadata with { Generation = 4 } }, 5);
        yield return Case("new", new RolloutObject { Metadata = Shop.Healthy().Metadata }, 5);
    }

    [TestCaseSource(nameof(Table))]
    public void Has_an_exit_code(RolloutObject rollout, int code) => Assert.That(RolloutOutcomes.ExitCode(RolloutOutcomes.Of(rollout)), Is.EqualTo(code));

    private static RolloutObject Outside(RolloutObject rollout) =>
        rollout with { Status = rollout.Status with { Conditions = [.. rollout.Status.Conditions.Select(condition => condition with { Reason = "OutsideWindow" })] } };

    private static TestCaseData Case(string name, RolloutObject rollout, int code) => new TestCaseData(rollout, code).SetName($"Outcome: {name}");
}
