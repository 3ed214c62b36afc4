using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;

namespace RolloutController.Kubernetes;

/// <summary>Sends requests under the credentials of the configuration.</summary>
internal sealed class KubernetesTransport(KubernetesConfiguration configuration, TimeProvider timeProvider, ILogger logger) : IDisposable
{
    private static readonly string UserAgent =
        $"RolloutController/{Version()} ({RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()})";

    private readonly KubernetesConnections _connections = new(configuration, logger);
    private readonly ServerWarnings _warnings = new(logger);

    /// <summary>Sends a request and returns the response, its body not yet read.</summary>
    /// <exception cref="KubernetesApiException">The API answered with a failure.</exception>
    /// <exception cref="HttpRequestException">The API could not be reached, or broke off.</exception>
    /// <exception cref="KubernetesCredentialException">There is no credential to ask with.</exception>
    public async Task<HttpResponseMessage> SendAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        var credential = await configuration.Credentials.GetAsync(cancellationToken);
        var response = await SendAsync(request, credential, cancellationToken);
        if (response.StatusCode is HttpStatusCode.Unauthorized)
        {
            configuration.Credentials.Reject(credential);
            var another = await configuration.Credentials.GetAsync(cancellationToken);
            if (another != credential)
            {
                response.Dispose();
                response = await SendAsync(request, credential = another, cancellationToken);
            }
        }
        _warnings.Note(response);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await KubernetesStatus.ReadAsync(request, response, credential.Authorization?.Parameter, cancellationToken);
    }

    public void Dispose() => _connections.Dispose();

    private async Task<HttpResponseMessage> SendAsync(KubernetesRequest request, Credential credential, CancellationToken cancellationToken)
    {
        using var message = request.ToMessage();
        AddHeaders(message, credential);
        request.Guard?.Invoke();
        var started = timeProvider.GetTimestamp();
        var code = "<error>";
        try
        {
            var response = await _connections.For(credential.Certificate).SendAsync(message, cancellationToken);
            code = ((int)response.StatusCode).ToString();
            return response;
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.SecureConnectionError)
        {
            // Of itself it only says that there is an inner exception.
            throw new HttpRequestException(exception.HttpRequestError, $"no TLS connection to {request.Address.Authority}: {exception.GetBaseException().Message}", exception.InnerException);
        }
        finally
        {
            KubernetesMetrics.Requested(request, code, timeProvider.GetElapsedTime(started));
        }
    }

    private void AddHeaders(HttpRequestMessage message, Credential credential)
    {
        message.Headers.UserAgent.ParseAdd(UserAgent);
        message.Headers.Authorization = credential.Authorization;
        // SocketsHttpHandler takes the name that it asks of the certificate from here; SslOptions.TargetHost it overwrites.
        message.Headers.Host = configuration.TlsServerName;
        if (configuration.Impersonation is not { } impersonation)
            return;
        message.Headers.Add("Impersonate-User", impersonation.User);
        if (impersonation.Uid is { } uid)
            message.Headers.Add("Impersonate-Uid", uid);
        message.Headers.Add("Impersonate-Group", impersonation.Groups);
        foreach (var (key, values) in impersonation.Extra)
            message.Headers.Add($"Impersonate-Extra-{Uri.EscapeDataString(key)}", values);
    }

    private static string Version() =>
        typeof(KubernetesTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
