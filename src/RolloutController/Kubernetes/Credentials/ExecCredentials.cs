using System.Net.Http.Headers;

namespace RolloutController.Kubernetes;

/// <summary>
/// Credentials that a program prints. It runs when the first request needs them, once for all that wait, and again when they expire
/// or the API refuses them.
/// </summary>
internal sealed class ExecCredentials(ExecPlugin plugin, TimeProvider timeProvider, ILogger logger) : KubernetesCredentials
{
    private readonly Lock _gate = new();
    private Held? _held;
    private Task<Credential>? _running;

    internal override async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        Task<Credential> running;
        lock (_gate)
        {
            if (_held is { } held && (held.Expires is null || timeProvider.GetUtcNow() < held.Expires))
                return held.Credential;
            // The run is of all that wait, so no one's cancellation ends it; its own time limit does.
            running = _running ??= Task.Run(RunAsync, CancellationToken.None);
        }
        return await running.WaitAsync(cancellationToken);
    }

    internal override void Reject(Credential credential)
    {
        lock (_gate)
        {
            // Only the one that was refused goes: by now another request may have obtained a better one.
            if (_held is { } held && held.Credential == credential)
                _held = null;
        }
    }

    private async Task<Credential> RunAsync()
    {
        try
        {
            var status = await plugin.RunAsync(timeProvider, logger, CancellationToken.None);
            var credential = CredentialOf(status);
            lock (_gate)
                _held = new Held(credential, status.ExpirationTimestamp);
            return credential;
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    private Credential CredentialOf(ExecCredentialStatus status) => new(
        status.Token is { Length: > 0 } token ? new AuthenticationHeaderValue("Bearer", token) : null,
        status is { ClientCertificateData.Length: > 0, ClientKeyData.Length: > 0 }
            ? ClientCertificate.Read(status.ClientCertificateData, status.ClientKeyData, $"credential plugin {plugin.Command}")
            : null);

    private sealed record Held(Credential Credential, DateTimeOffset? Expires);
}
