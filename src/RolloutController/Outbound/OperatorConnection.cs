using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RolloutController.Outbound;

/// <summary>
/// Connections to what the operator named. They go there and nowhere else: no redirects, no cookies, no proxy from the environment, and no
/// decompression, so that a small answer stays small.
/// </summary>
internal static class OperatorConnection
{
    /// <summary>A client over the network; the first request makes the first connection.</summary>
    /// <param name="certificateAuthorityFile">A PEM file with the authorities that may have signed the server's certificate; null for the system's.</param>
    public static HttpClient Open(string? certificateAuthorityFile) => Patient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Authorities(certificateAuthorityFile) },
    });

    /// <summary>A client whose requests something else than the network carries.</summary>
    public static HttpClient Over(HttpMessageHandler handler) => Patient(handler, disposeHandler: false);

    // The resilience pipeline keeps the time.
    private static HttpClient Patient(HttpMessageHandler handler, bool disposeHandler = true) => new(handler, disposeHandler) { Timeout = Timeout.InfiniteTimeSpan };

    private static X509ChainPolicy? Authorities(string? file)
    {
        if (file is null)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
