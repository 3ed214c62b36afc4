using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Planning;

/// <summary>
/// Random histories against all laws at once. A failure prints a shrunk history, what came of it, and the seed for
/// <c>Config.WithReplay</c>. The usual run plays the same ones every time; new ones, and as many as wanted:
/// <c>dotnet test -- 'TestRunParameters.Parameter(name="histories", value="20000")'</c>.
/// </summary>
internal sealed class PlannerHistoryTests
{
    private static Config Usual => Config.QuickThrowOnFailure.WithQuietOnSuccess(true);

    private static Config Histories => TestContext.Parameters.Get("histories", 0) is > 0 and var wanted
        ? Usual.WithMaxTest(wanted)
        : Usual.WithMaxTest(400).WithReplay(20261121, 1);

    [Test]
    public void Every_law_holds_and_every_history_ends() => Prop.ForAll(History.Arbitrary, Stage.Play).Check(Histories);
}
