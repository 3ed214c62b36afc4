using System.Diagnostics;

namespace RolloutController.Tests.Cluster;

/// <summary>The executable that tests start: the one that was built beside them, or a published one, whose file <c>ROLLOUT_TEST_BINARY</c> names.</summary>
internal static class Executable
{
    /// <summary>The file of the published executable; null where there is none.</summary>
    public static string? Published { get; } = Environment.GetEnvironmentVariable("ROLLOUT_TEST_BINARY") is { Length: > 0 } file ? Path.GetFullPath(file) : null;

    /// <summary>The one that was built.</summary>
    public static string Built { get; } = Path.Combine(AppContext.BaseDirectory, "RolloutController.dll");

    /// <summary>How a process is started with these arguments.</summary>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments) => StartFrom(Published ?? Built, arguments);

    /// <summary>How a process is started from a file, a published executable or an assembly.</summary>
    public static ProcessStartInfo StartFrom(string file, params IEnumerable<string> arguments) =>
        Path.GetExtension(file) == ".dll" ? new ProcessStartInfo("dotnet", [file, .. arguments]) : new ProcessStartInfo(file, arguments);
}
