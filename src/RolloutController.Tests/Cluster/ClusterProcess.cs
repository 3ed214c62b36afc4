using System.Diagnostics;
using System.Globalization;

namespace RolloutController.Tests.Cluster;

/// <summary>One process of the test cluster.</summary>
internal sealed class ClusterProcess
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);

    private readonly string _pids;
    private readonly string _folder;
    private readonly string _log;
    private readonly string[] _command;
    private readonly Dictionary<string, string> _environment;
    private Process? _started;

    private ClusterProcess(string pids, int id)
    {
        _pids = pids;
        Id = id;
        _folder = File.ResolveLinkTarget($"/proc/{id}/cwd", returnFinalTarget: false)!.FullName;
        _log = File.ResolveLinkTarget($"/proc/{id}/fd/1", returnFinalTarget: false)!.FullName;
        _command = Read("cmdline");
        _environment = Read("environ").Select(variable => variable.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    /// <summary>The id of the present process.</summary>
    public int Id { get; private set; }

    /// <summary>Finds a process of a cluster by the name of its program.</summary>
    /// <param name="folder">The folder of the cluster.</param>
    /// <param name="program">The name of the executable file.</param>
    public static ClusterProcess Find(string folder, string program)
    {
        var pids = Path.Combine(folder, "pids");
        if (!File.Exists(pids))
            throw new InvalidOperationException($"{pids} is not there: a kubeconfig of a cluster that .ci/with-cluster started is needed, whose processes can be stopped.");
        var id = File.ReadAllLines(pids).Select(line => int.Parse(line, CultureInfo.InvariantCulture))
            .Single(id => Path.GetFileName(File.ResolveLinkTarget($"/proc/{id}/exe", returnFinalTarget: false)?.FullName) == program);
        return new ClusterProcess(pids, id);
    }

    /// <summary>SIGSTOP.</summary>
    public void Freeze() => ProcessSignal.Stop.Send(Id);

    /// <summary>SIGCONT.</summary>
    public void Wake() => ProcessSignal.Continue.Send(Id);

    /// <summary>SIGKILL; returns once it has ended.</summary>
    public Task KillAsync(CancellationToken cancellationToken)
    {
        ProcessSignal.Kill.Send(Id);
        return WaitFor.StateAsync(_ => Task.FromResult(IsRunning), running => !running, EndTime, $"{_command[0]} to end", cancellationToken);
    }

    /// <summary>Starts it with the arguments, folder and environment that it had; it does not end with this process.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        // A pipe to this process would break with it, so a shell leads the output into the log before the program takes its place.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >>\"$CLUSTER_PROCESS_LOG\" 2>&1 </dev/null", .. _command]) { WorkingDirectory = _folder };
        start.Environment.Clear();
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        start.Environment["CLUSTER_PROCESS_LOG"] = _log;
        _started?.Dispose();
        _started = Process.Start(start)!;
        var before = $"{Id}";
        Id = _started.Id;
        var lines = await File.ReadAllLinesAsync(_pids, cancellationToken);
        await File.WriteAllLinesAsync(_pids, lines.Select(line => line == before ? $"{Id}" : line), cancellationToken);
    }

    /// <summary>A process that has ended stays in the table until whoever started it looks.</summary>
    private bool IsRunning
    {
        get
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{Id}/stat");
                return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    private string[] Read(string file) => File.ReadAllText($"/proc/{Id}/{file}").Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
