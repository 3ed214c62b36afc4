using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Planning;

/// <summary>Random histories against all laws at once. A failure prints the seed for <c>Config.WithReplay</c> and a shrunk history.</summary>
internal sealed class PlannerHistoryTests
{
    private const int Histories = 400;

    [Test]
    public void Every_law_holds_and_every_history_ends() =>
        Prop.ForAll(History.Arbitrary, Stage.Play).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithQuietOnSuccess(true));
}
