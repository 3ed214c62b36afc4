using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RolloutController.Hosting.Metrics;

/// <summary>What the process says of itself, under the names that all Prometheus client libraries use.</summary>
internal static class ProcessMetrics
{
    private const string OpenFiles = "/proc/self/fd";

    private static readonly MetricDefinition BuildInfo = new(
        "rollout_build_info", MetricType.Gauge, "Always 1; the labels say what runs.", "version", "revision", "runtime");

    private static readonly MetricDefinition CpuSeconds = new(
        "process_cpu_seconds_total", MetricType.Counter, "Processor time spent, user and system, in seconds.")
    {
        Unit = "seconds",
    };

    private static readonly MetricDefinition OpenFds = new("process_open_fds", MetricType.Gauge, "Open file descriptors.");

    private static readonly MetricDefinition ResidentMemory = new(
        "process_resident_memory_bytes", MetricType.Gauge, "Resident memory in bytes.")
    {
        Unit = "bytes",
    };

    private static readonly MetricDefinition StartTime = new(
        "process_start_time_seconds", MetricType.Gauge, "When the process started, in seconds since 1970.")
    {
        Unit = "seconds",
    };

    /// <summary>What they are.</summary>
    public static IReadOnlyList<MetricDefinition> Definitions { get; } = [BuildInfo, CpuSeconds, OpenFds, ResidentMemory, StartTime];

    /// <summary>The values now.</summary>
    public static IEnumerable<MetricSnapshot> Collect()
    {
        using var process = Process.GetCurrentProcess();
        yield return new(BuildInfo, [new SeriesSnapshot([BuildVersion.Version, BuildVersion.Revision, RuntimeInformation.FrameworkDescription], 1)]);
        yield return MetricSnapshot.Of(CpuSeconds, process.TotalProcessorTime.TotalSeconds);
        if (Directory.Exists(OpenFiles))
            yield return MetricSnapshot.Of(OpenFds, Directory.EnumerateFileSystemEntries(OpenFiles).Count());
        yield return MetricSnapshot.Of(ResidentMemory, process.WorkingSet64);
        yield return MetricSnapshot.Of(StartTime, (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds);
    }
}
