using RolloutController.Rehearsal.Metrics;

namespace RolloutController.Tests.Faults;

/// <summary>The laws that hold once the faults are off and all is quiet.</summary>
internal static class EndLaws
{
    /// <summary>For each Rollout.</summary>
    private const int MostEvents = 60;
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(10);

    /// <summary>Lets time pass, and looks.</summary>
    public static async Task CheckAsync(FaultBed bed)
    {
        bed.Laws.Look();
        bed.Prometheus.Fault = PrometheusFault.Down;
        var (calls, written) = (bed.Journal.Calls.Count, bed.Journal.LastWrite);
        await bed.PassAsync(Rest);
        if (bed.Journal.LastWrite > written)
            bed.Laws.Broken("I9: something was written at rest");
        // That a series of events is over is told minutes after the last of them.
        foreach (var call in bed.Journal.Calls.Skip(calls).Where(call => call is { IsWatch: false, IsLease: false, Plural: not "events" }).Take(3))
            bed.Laws.Broken($"I9: {call} at rest");
        var events = bed.Cluster.List("events").Count;
        if (events > MostEvents * Math.Max(1, bed.Cluster.List("rollouts").Count))
            bed.Laws.Broken($"I10: {events} events");
    }
}
