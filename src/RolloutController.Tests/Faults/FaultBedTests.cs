using System.Diagnostics;
using NUnit.Framework;

namespace RolloutController.Tests.Faults;

/// <summary>The stories without faults, and the bed itself.</summary>
[Category("Faults")]
internal sealed class FaultBedTests
{
    [TestCaseSource(typeof(Stories), nameof(Stories.All))]
    public void Golden_run_breaks_no_law_and_is_the_same_twice(FaultStory story)
    {
        var run = FaultBed.Play(story, []).Require();
        var watch = Stopwatch.StartNew();
        var again = FaultBed.Play(story, []).Require(run);
        TestContext.Out.WriteLine($"{story}: {run.Journal.CallsBefore} + {run.Journal.Calls.Count - run.Journal.CallsBefore} calls, {run.Journal.Events.Count} events, {run.Journal.Queries} queries, {watch.ElapsedMilliseconds} ms");
        Assert.That(again.Journal.ToString(), Is.EqualTo(run.Journal.ToString()));
        if (Environment.GetEnvironmentVariable("ROLLOUT_TEST_JOURNAL") is not null)
            TestContext.Out.WriteLine(run.Journal);
    }
}
