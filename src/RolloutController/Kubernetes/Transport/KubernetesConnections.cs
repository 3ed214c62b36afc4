using System.Net;
using System.Net.Security;

namespace RolloutController.Kubernetes;

/// <summary>
/// The connections to one API server. When its authorities or our certificate change, new requests get new connections;
/// those under way end on the old ones.
/// </summary>
internal sealed class KubernetesConnections(KubernetesConfiguration configuration, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly HttpMessageInvoker? _given = configuration.Handler is { } handler ? new HttpMessageInvoker(handler, disposeHandler: false) : null;
    private Generation? _current;
    private Generation? _previous;
    private bool _disposed;

    /// <summary>Connections that carry a certificate, and trust the authorities of this moment.</summary>
    public HttpMessageInvoker For(SslStreamCertificateContext? certificate)
    {
        if (_given is not null)
            return _given;
        var bundle = configuration.Trust.Bundle;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is { } current && current.Bundle == bundle && ReferenceEquals(current.Certificate, certificate))
                return current.Invoker;
            return Renew(bundle, certificate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _given?.Dispose();
            _current?.Invoker.Dispose();
            _previous?.Invoker.Dispose();
        }
    }

    private HttpMessageInvoker Renew(string? bundle, SslStreamCertificateContext? certificate)
    {
        SslClientAuthenticationOptions options;
        try
        {
            options = configuration.Trust.ToOptions(bundle);
        }
        catch (KubernetesCredentialException exception) when (_current is { } current && ReferenceEquals(current.Certificate, certificate))
        {
            logger.LogWarning("{Problem}; the authorities read before are used on", exception.Message);
            return current.Invoker;
        }
        options.ClientCertificateContext = certificate;
        // One generation back stays open: a request may hold it and not have sent yet. Its idle connections close by themselves.
        _previous?.Invoker.Dispose();
        _previous = _current;
        _current = new Generation(bundle, certificate, new HttpMessageInvoker(CreateHandler(options)));
        return _current.Invoker;
    }

    // The intervals are those of client-go: a dead connection shows within 45 s even while nothing is asked.
    private SocketsHttpHandler CreateHandler(SslClientAuthenticationOptions options) => new()
    {
        SslOptions = options,
        Proxy = configuration.Proxy is { } proxy ? new WebProxy(proxy) : null,
        // A redirect would carry the credential to another host.
        AllowAutoRedirect = false,
        UseCookies = false,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(30),
    };

    private sealed record Generation(string? Bundle, SslStreamCertificateContext? Certificate, HttpMessageInvoker Invoker);
}
