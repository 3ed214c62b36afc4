using System.Reflection;
using NUnit.Framework;

namespace RolloutController.Tests.Architecture;

/// <summary>Time comes from a <see cref="TimeProvider"/>, so that tests can move it, and nothing blocks a thread to let it pass.</summary>
internal sealed class ClockTests
{
    private static readonly string[] Clocks =
    [
        "System.DateTime.get_Now", "System.DateTime.get_Today", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow", "System.Diagnostics.Stopwatch",
    ];

    private static readonly Assembly[] Assemblies = [typeof(RolloutController.Api.RolloutSpec).Assembly, typeof(ClockTests).Assembly];

    [TestCaseSource(nameof(Assemblies))]
    public void Nothing_waits_but_by_a_TimeProvider(Assembly assembly) =>
        Assert.That(AssemblyUses.Of(assembly).Where(IsBareWait), Is.Empty, "Write Task.Delay(time, timeProvider, cancellationToken).");

    [Test]
    public void The_controller_reads_no_clock_but_a_TimeProvider() =>
        Assert.That(Controller.Uses.Where(use => Clocks.Any(use.Of)), Is.Empty, "Ask a TimeProvider.");

    private static bool IsBareWait(Use use) =>
        use.Of("System.Threading.Thread.Sleep")
        || (use.Of("System.Threading.Tasks.Task.Delay") && !use.Used.Contains("System.TimeProvider", StringComparison.Ordinal));
}
