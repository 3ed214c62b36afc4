using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Api;
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
        : Usual.WithMaxTest(800).WithReplay(20261121, 1);

    private static readonly string[] Places =
    [
        "Deploying", "AtRest", "Raising", "Judging", "Monitoring", "Promoting Pinning", "Promoting Shifting", "Promoting Settling",
        .. Enum.GetNames<RollbackCause>().Select(cause => $"RollingBack Settling {cause}"),
        "Skipping Step", "Skipping Rest", "Paused", "OutsideWindow", "RouteDrift", "RollbackBlocked", "ErrorRateBreached", "CrashLoop", "ProbeFailing", "NoReadyPods", "NoData", "Stale", "ProviderError", "InvalidTemplate",
    ];

    [Test]
    public void Every_law_holds_and_every_history_ends()
    {
        var visited = new HashSet<string>();

        Prop.ForAll(History.Arbitrary, history => visited.UnionWith(Stage.Play(history))).Check(Histories);

        Assert.That(Places.Except(visited), Is.Empty, "the histories came by every place, so the laws said something about it");
    }
}
