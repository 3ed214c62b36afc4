using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RolloutController.Tests.Cluster;

/// <summary>A process that a test started: its output goes to a file, and it does not outlive the test.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _copying;

    private ChildProcess(Process process, string logFile)
    {
        _process = process;
        LogFile = logFile;
        _copying = CopyAsync();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The exit code of a process that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Where the output went, standard error included.</summary>
    public string LogFile { get; }

    /// <summary>Starts a program; its output is appended to <paramref name="logFile"/>.</summary>
    /// <param name="environment">Variables beside those of this process.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string logFile, params (string Name, string Value)[] environment) =>
        Start(new ProcessStartInfo(program, arguments), logFile, environment);

    /// <summary>Starts a program; its output is appended to <paramref name="logFile"/>.</summary>
    /// <param name="environment">Variables beside those of this process.</param>
    public static ChildProcess Start(ProcessStartInfo start, string logFile, params (string Name, string Value)[] environment)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!, logFile);
    }

    /// <summary>The full path of a program on PATH, or null when it is not installed.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Append("/usr/sbin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>A TCP port that nothing listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>
    /// Waits until a URL answers 200. When the process ends before or takes too long, it is killed and the end of its log is thrown.
    /// </summary>
    public async Task WaitUntilServingAsync(Uri url, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        var watch = Stopwatch.StartNew();
        try
        {
            while (!await AnswersAsync(http, url, cancellationToken))
            {
                if (HasExited || watch.Elapsed > timeout)
                    throw new TimeoutException($"{url} did not answer 200.");
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            }
        }
        catch (Exception exception)
        {
            var end = HasExited ? $"ended with exit code {ExitCode}" : "was killed";
            if (!HasExited)
                await KillAsync();
            await _copying;
            if (exception is OperationCanceledException)
                throw;
            throw new InvalidOperationException($"{exception.Message} The process {end} after {watch.Elapsed.TotalSeconds:0.#} s. Its log ends:\n{LogTail()}", exception);
        }
    }

    /// <summary>Sends SIGHUP.</summary>
    public void HangUp() => Signal(ProcessSignal.HangUp);

    /// <summary>Sends SIGSTOP: the process stands still, with its connections open.</summary>
    public void Freeze() => Signal(ProcessSignal.Stop);

    /// <summary>Sends SIGCONT.</summary>
    public void Wake() => Signal(ProcessSignal.Continue);

    /// <summary>Sends SIGTERM and waits for the end; kills a process that takes longer than <paramref name="grace"/>.</summary>
    /// <returns>Whether it ended by itself in time.</returns>
    public async Task<bool> TerminateAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        Signal(ProcessSignal.Terminate);
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(grace, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            await KillAsync();
            return false;
        }
    }

    /// <summary>Waits until the process has ended and its output is in the log, and gives back the exit code.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _copying.WaitAsync(cancellationToken);
        return ExitCode;
    }

    /// <summary>Ends the process at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>The last lines of the log.</summary>
    public string LogTail(int lines = 40) => string.Join('\n', ReadLog().Split('\n').TakeLast(lines));

    /// <summary>The log so far.</summary>
    public string ReadLog()
    {
        if (!File.Exists(LogFile))
            return "";
        using var reader = new StreamReader(new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
            await KillAsync();
        await _copying;
        _process.Dispose();
    }

    private async Task CopyAsync()
    {
        await using var file = new StreamWriter(new FileStream(LogFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var log = TextWriter.Synchronized(file);
        await Task.WhenAll(CopyAsync(_process.StandardOutput, log), CopyAsync(_process.StandardError, log));
    }

    private static async Task CopyAsync(StreamReader from, TextWriter to)
    {
        while (await from.ReadLineAsync() is { } line)
            await to.WriteLineAsync(line);
    }

    private void Signal(ProcessSignal signal)
    {
        if (!HasExited)
            signal.Send(_process.Id);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(url, cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
