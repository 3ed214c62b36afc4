using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Planning;

/// <summary>
/// Random histories against all laws at once. A failure prints a shrunk history, what came of it, and the seed for
/// <c>Config.WithReplay</c>. More of them: <c>dotnet test -- 'TestRunParameters.Parameter(name="histories", value="20000")'</c>.
/// </summary>
internal sealed class PlannerHistoryTests
{
    private static int Histories => TestContext.Parameters.Get("histories", 400);

    [Test]
    public void Every_law_holds_and_every_history_ends() =>
        Prop.ForAll(History.Arbitrary, Stage.Play).Check(Config.QuickThrowOnFailure.WithMaxTest(Histories).WithQuietOnSuccess(true));
}
