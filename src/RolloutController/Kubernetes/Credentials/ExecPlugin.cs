using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Kubernetes;

/// <summary>A program that prints a credential, as the <c>client.authentication.k8s.io</c> API describes it.</summary>
/// <param name="Command">The program: a path, or a name that is searched for in PATH.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Environment">Variables set beside our own.</param>
/// <param name="ApiVersion">The version of the API that the program speaks.</param>
/// <param name="InstallHint">What to do where the program is missing; may be empty.</param>
/// <param name="Cluster">What the program is told about the cluster, or null where it did not ask.</param>
internal sealed record ExecPlugin(
    string Command,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string ApiVersion,
    string InstallHint,
    JsonObject? Cluster)
{
    private const int StandardErrorCap = 2048;

    /// <summary>The most that is read of either; a credential is far shorter.</summary>
    private const int OutputCap = 1024 * 1024;

    /// <summary>How long the program may take; it may have to ask a server far away.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs the program and reads what it prints.</summary>
    /// <exception cref="KubernetesCredentialException">It is missing, fails, takes too long or prints no credential.</exception>
    public async Task<ExecCredentialStatus> RunAsync(TimeProvider timeProvider, ILogger logger, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var process = Start();
        try
        {
            process.StandardInput.Close();
            // Both pipes at once: a program that fills the one that is not read would never end.
            var output = ReadAsync(process, process.StandardOutput, linked.Token);
            var errors = ReadAsync(process, process.StandardError, linked.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(linked.Token));
            LogErrors(logger, await errors);
            if (process.ExitCode != 0)
                throw Failure($"ended with exit code {process.ExitCode}; what it wrote to standard error is in the log");
            return Read(await output);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failure($"did not end within {Timeout.TotalSeconds:0} s; run it by hand to see what it waits for");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Reads what a program writes; one that writes more than any credential has is ended.</summary>
    private async Task<string> ReadAsync(Process process, StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[16 * 1024];
        while (await reader.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (text.Length + read > OutputCap)
            {
                process.Kill(entireProcessTree: true);
                throw Failure($"printed more than {OutputCap / 1024 / 1024} MiB; is it the right program?");
            }

            text.Append(buffer, 0, read);
        }

        return text.ToString();
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Command, Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = ExecInfo();
        try
        {
            return Process.Start(start) ?? throw Failure("did not start");
        }
        catch (Win32Exception exception)
        {
            throw Failure($"cannot be started: {exception.Message}{(InstallHint.Length > 0 ? $"\n{InstallHint}" : "")}", exception);
        }
    }

    private string ExecInfo()
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (Cluster is not null)
            spec["cluster"] = Cluster.DeepClone();
        return new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = "ExecCredential", ["spec"] = spec }.ToJsonString();
    }

    private ExecCredentialStatus Read(string output)
    {
        try
        {
            var response = JsonSerializer.Deserialize(output, KubernetesJsonContext.Default.ExecCredentialResponse);
            return response switch
            {
                null or not { Kind: "ExecCredential" } => throw Failure("printed no ExecCredential"),
                _ when response.ApiVersion != ApiVersion =>
                    throw Failure($"printed an ExecCredential of {response.ApiVersion}, the kubeconfig says {ApiVersion}; make them agree"),
                { Status: { Token.Length: > 0 } or { ClientCertificateData.Length: > 0, ClientKeyData.Length: > 0 } } => response.Status,
                _ => throw Failure("printed an ExecCredential with neither a token nor a client certificate and its key"),
            };
        }
        catch (JsonException)
        {
            // The text may hold a token, so neither it nor the parser's quote of it goes into the message.
            throw Failure("printed something that is not JSON");
        }
    }

    private void LogErrors(ILogger logger, string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
            logger.LogWarning("The credential plugin {Command} says: {Text}", Command, text.Length > StandardErrorCap ? text[..StandardErrorCap] : text.Trim());
    }

    private KubernetesCredentialException Failure(string problem, Exception? exception = null) =>
        new($"The credential plugin {Command} {problem}", exception);
}

/// <summary>What a credential plugin prints.</summary>
internal sealed record ExecCredentialResponse
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public ExecCredentialStatus? Status { get; init; }
}

/// <summary>The credential in it: a token, a client certificate with its key, or both.</summary>
internal sealed record ExecCredentialStatus
{
    public string? Token { get; init; }

    public DateTimeOffset? ExpirationTimestamp { get; init; }

    public string? ClientCertificateData { get; init; }

    public string? ClientKeyData { get; init; }

    /// <summary>Keeps secrets out of logs.</summary>
    public override string ToString() => $"credential until {ExpirationTimestamp?.ToString("O") ?? "further notice"}";
}
