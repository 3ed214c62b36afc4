using System.Runtime.InteropServices;

namespace RolloutController.Tests.Cluster;

/// <summary>A POSIX signal, by its number on Linux.</summary>
internal enum ProcessSignal
{
    /// <summary>SIGHUP.</summary>
    HangUp = 1,

    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,

    /// <summary>SIGCONT.</summary>
    Continue = 18,

    /// <summary>SIGSTOP: nothing of the process runs until it is continued, its sockets stay open.</summary>
    Stop = 19,
}

/// <summary>Sends signals.</summary>
internal static class ProcessSignals
{
    /// <summary>Sends a signal to one process.</summary>
    public static void Send(this ProcessSignal signal, int process) => _ = Kill(process, (int)signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
