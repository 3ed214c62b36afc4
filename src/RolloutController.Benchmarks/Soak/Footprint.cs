using System.Diagnostics;
using System.Text;

namespace RolloutController.Benchmarks.Soak;

/// <summary>What the process holds at a moment, by name.</summary>
internal static class Footprint
{
    /// <summary>What is allowed to grow over half of a run, beyond which it is a leak.</summary>
    public static double Tolerance(string measure, double level) => measure switch
    {
        "memory, KiB" => Math.Max(1024, 0.03 * level),
        "handles" or "threads" => 4,
        "status, bytes" => 512,
        "events" => 20,
        _ => 16,
    };

    /// <summary>Measures, after a full collection.</summary>
    public static IReadOnlyDictionary<string, double> Measure(SoakBed bed)
    {
        bed.Tidy();
        for (var round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        var measures = CollectionCounts.Of(bed.Controller);
        measures["memory, KiB"] = GC.GetTotalMemory(forceFullCollection: true) / 1024.0;
        measures["handles"] = OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;
        measures["threads"] = process.Threads.Count;
        measures["status, bytes"] = bed.Cluster.List("rollouts").Select(rollout => Encoding.UTF8.GetByteCount(rollout.Json["status"]?.ToJsonString() ?? "")).DefaultIfEmpty().Max();
        measures["events"] = bed.Cluster.List("events").Count;
        return measures;
    }
}
