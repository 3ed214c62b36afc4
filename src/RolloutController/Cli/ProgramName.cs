namespace RolloutController.Cli;

/// <summary>What people type for this program: <c>kubectl rollouts</c> where it is kubectl's plugin.</summary>
internal static class ProgramName
{
    private const string Plugin = "kubectl-rollouts";
    private const string Arguments = "/proc/self/cmdline";

    /// <summary>The name that this process was called by.</summary>
    public static string Current { get; } = Of(CalledAs());

    /// <summary>The file name that this process was called by.</summary>
    public static string Executable { get; } = Path.GetFileName(CalledAs());

    /// <summary>The name for the path of an executable.</summary>
    public static string Of(string path) => Path.GetFileNameWithoutExtension(path) is var name && name == Plugin ? "kubectl rollouts" : name;

    /// <summary>Linux tells the name of a symbolic link only by the arguments; the path of the process is that of the file behind it.</summary>
    private static string CalledAs()
    {
        var called = File.Exists(Arguments) ? File.ReadAllText(Arguments).Split('\0')[0] : "";
        return Path.GetFileNameWithoutExtension(called) == Plugin ? called
            : Path.GetFileNameWithoutExtension(Environment.ProcessPath) is { } process and not "dotnet" ? process
            : Environment.GetCommandLineArgs()[0];
    }
}
