using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster;

/// <summary>The controller as a real process, see <see cref="Executable"/>. It can be killed and started again at any moment.</summary>
internal sealed class ControllerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly string[] _arguments;
    private string _executable;
    private TemporaryFolder? _program;
    private readonly (string, string)[] _environment;
    private NameServer? _names;
    private ChildProcess? _process;

    private ControllerProcess(string executable, string[] arguments, (string, string)[] environment, Uri url, string logFile)
    {
        _executable = executable;
        _arguments = arguments;
        _environment = environment;
        Url = url;
        LogFile = logFile;
    }

    /// <summary>Where its health, metrics and web page are.</summary>
    public Uri Url { get; }

    /// <summary>The log of all its lives, one JSON object a line.</summary>
    public string LogFile { get; }

    /// <summary>The id of the present process.</summary>
    public int Id => _process!.Id;

    /// <summary>Whether the present process has ended.</summary>
    public bool HasExited => _process!.HasExited;

    /// <summary>The exit code of the process that ended last.</summary>
    public int ExitCode => _process!.ExitCode;

    /// <summary>Starts the controller and waits until <c>/readyz</c> answers 200.</summary>
    /// <param name="kubeconfig">Who it is: see <see cref="ServiceAccountKubeconfig"/> for the rights that it is installed with.</param>
    /// <param name="namespace">The namespace that it watches; null for all.</param>
    /// <param name="prometheus">Its default metrics provider; null for none.</param>
    /// <param name="leaseNamespace">Where it elects a leader; null for no election, so that one that is killed does not keep the next one waiting.</param>
    /// <param name="more">Further command-line arguments.</param>
    public static async Task<ControllerProcess> StartAsync(
        string kubeconfig, string? @namespace, Uri? prometheus, CancellationToken cancellationToken, string? leaseNamespace = null, params string[] more)
    {
        var controller = Create(kubeconfig, @namespace, prometheus, leaseNamespace, more);
        await controller.StartOrDisposeAsync("/readyz", cancellationToken);
        return controller;
    }

    /// <summary>Starts a controller that has settings of its own.</summary>
    /// <param name="settings">Its <c>appsettings.json</c>.</param>
    public static async Task<ControllerProcess> StartWithAsync(string settings, string kubeconfig, string @namespace, CancellationToken cancellationToken, params string[] more)
    {
        var controller = Create(kubeconfig, @namespace, prometheus: null, leaseNamespace: null, more);
        // The file is read from beside the executable.
        controller._program = new TemporaryFolder();
        foreach (var file in Executable.Published is { } published ? [published] : Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(controller._program.Path, Path.GetFileName(file)));
        controller._program.Write("appsettings.json", settings);
        controller._executable = Path.Combine(controller._program.Path, Path.GetFileName(controller._executable));
        await controller.StartOrDisposeAsync("/readyz", cancellationToken);
        return controller;
    }

    /// <summary>Starts a controller that looks names up at a server of the test's own.</summary>
    public static async Task<ControllerProcess> StartAskingAsync(NameServer names, string kubeconfig, string @namespace, CancellationToken cancellationToken, params string[] more)
    {
        var controller = Create(kubeconfig, @namespace, prometheus: null, leaseNamespace: null, more);
        controller._names = names;
        await controller.StartOrDisposeAsync("/readyz", cancellationToken);
        return controller;
    }

    /// <summary>Starts a controller with variables of its own in its environment.</summary>
    public static async Task<ControllerProcess> StartInAsync(
        IReadOnlyDictionary<string, string> environment, string kubeconfig, string @namespace, CancellationToken cancellationToken, params string[] more)
    {
        var controller = Create(kubeconfig, @namespace, prometheus: null, leaseNamespace: null, more, environment: environment);
        await controller.StartOrDisposeAsync("/readyz", cancellationToken);
        return controller;
    }

    /// <summary>Starts a controller that cannot become ready: waits until it answers at all.</summary>
    public static async Task<ControllerProcess> StartUnreadyAsync(string kubeconfig, string @namespace, CancellationToken cancellationToken)
    {
        var controller = Create(kubeconfig, @namespace, prometheus: null, leaseNamespace: null, []);
        await controller.StartOrDisposeAsync("/livez", cancellationToken);
        return controller;
    }

    /// <summary>Starts the controller of another folder, with settings of its own beside it, and waits until it is ready.</summary>
    /// <param name="folder">Where <c>RolloutController.dll</c> is.</param>
    public static async Task<ControllerProcess> StartInAsync(string folder, string kubeconfig, string? @namespace, Uri? prometheus, CancellationToken cancellationToken)
    {
        var controller = Create(kubeconfig, @namespace, prometheus, leaseNamespace: null, [], folder);
        await controller.StartOrDisposeAsync("/readyz", cancellationToken);
        return controller;
    }

    /// <summary>Starts a pod of the chart, and waits until it is ready. Only where it listens and whose kubeconfig it has is the test's own.</summary>
    public static async Task<ControllerProcess> StartInstalledAsync(InstalledPod pod, string kubeconfig, CancellationToken cancellationToken)
    {
        var listen = $"127.0.0.1:{ChildProcess.FreePort()}";
        string[] arguments = [.. pod.Arguments.Select(argument => argument.StartsWith("--listen=", StringComparison.Ordinal) ? $"--listen={listen}" : argument)];
        var controller = new ControllerProcess(Executable.Published ?? Executable.Built, arguments, [.. pod.Environment, ("ROLLOUT_KUBECONFIG", kubeconfig)], new Uri($"http://{listen}"), NewLogFile());
        await controller.StartOrDisposeAsync("/readyz", cancellationToken);
        return controller;
    }

    /// <summary>Starts it with the same arguments and waits until it is ready.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken) => StartAsync("/readyz", cancellationToken);

    /// <summary>Starts it with the same arguments and waits until it answers at all, as a kubelet does with a container that ended.</summary>
    public Task StartAgainUnreadyAsync(CancellationToken cancellationToken) => StartAsync("/livez", cancellationToken);

    /// <summary>SIGSTOP: it stands still, with its connections open.</summary>
    public void Freeze() => _process!.Freeze();

    /// <summary>SIGCONT.</summary>
    public void Wake() => _process!.Wake();

    /// <summary>Waits until the present process has ended, and gives back the exit code.</summary>
    public Task<int> WaitAsync(CancellationToken cancellationToken) => _process!.WaitAsync(cancellationToken);

    /// <summary>SIGKILL: it gets no chance to finish anything.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGTERM; true when it ended by itself within the grace.</summary>
    public Task<bool> TerminateAsync(TimeSpan grace, CancellationToken cancellationToken) => _process!.TerminateAsync(grace, cancellationToken);

    /// <summary>The log so far.</summary>
    public string ReadLog() => _process!.ReadLog();

    /// <summary>The last lines of the log.</summary>
    public string LogTail(int lines = 40) => _process!.LogTail(lines);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        File.Delete(LogFile);
        _program?.Dispose();
    }

    private static ControllerProcess Create(string kubeconfig, string? @namespace, Uri? prometheus, string? leaseNamespace, string[] more, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var listen = $"127.0.0.1:{ChildProcess.FreePort()}";
        var executable = folder is null ? Executable.Published ?? Executable.Built : Path.Combine(folder, Path.GetFileName(Executable.Built));
        string[] arguments = [
            "run", "--kubeconfig", kubeconfig, "--listen", listen, "--log-format", "json",
            .. @namespace is null ? Array.Empty<string>() : ["--namespace", @namespace],
            .. prometheus is null ? Array.Empty<string>() : ["--prometheus", prometheus.ToString()],
            .. leaseNamespace is null ? ["--no-leader-election"] : Array.Empty<string>(),
            .. more];
        (string, string)[] variables = [
            .. leaseNamespace is null ? Array.Empty<(string, string)>() : [("ROLLOUT_LEASE_NAMESPACE", leaseNamespace)],
            .. (environment ?? new Dictionary<string, string>()).Select(pair => (pair.Key, pair.Value))];
        return new ControllerProcess(executable, arguments, variables, new Uri($"http://{listen}"), NewLogFile());
    }

    private static string NewLogFile() => Path.Combine(Path.GetTempPath(), $"rollout-controller-{Guid.NewGuid():N}.log");

    private async Task StartOrDisposeAsync(string probe, CancellationToken cancellationToken)
    {
        try
        {
            await StartAsync(probe, cancellationToken);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task StartAsync(string probe, CancellationToken cancellationToken)
    {
        if (_process is not null)
            await _process.DisposeAsync();
        var start = Executable.StartFrom(_executable, _arguments);
        _process = ChildProcess.Start(_names?.Around(start) ?? start, LogFile, _environment);
        await _process.WaitUntilServingAsync(new Uri(Url, probe), StartTimeout, cancellationToken);
    }
}
