using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace RolloutController.Endpoints;

/// <summary>Connects to a server that the operator set up.</summary>
internal static class EndpointConnection
{
    private const string Unresolved = "cannot be reached: its name does not resolve";

    /// <summary>How long a connection lives, and so how long a certificate is shown after its files were replaced.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// What goes where the operator said and nowhere else: no redirects, no cookies, no proxy from the environment, and no
    /// decompression, so that a small answer stays small; nor to what a name leads to that no server is at (<see cref="EndpointAddress"/>).
    /// </summary>
    /// <param name="options">Which server, and how.</param>
    /// <param name="instead">What carries the requests in place of the network; null for the network.</param>
    public static HttpClient Open(EndpointOptions options, HttpMessageHandler? instead) =>
        Open(instead, options.CertificateAuthorityFile, options.ClientCertificateFile, options.ClientKeyFile);

    /// <inheritdoc cref="Open(EndpointOptions, HttpMessageHandler?)"/>
    public static HttpClient Open(HttpMessageHandler? instead, string? certificateAuthorityFile, string? certificateFile = null, string? keyFile = null) =>
        // The resilience pipelines keep the time.
        new(instead ?? Network(certificateAuthorityFile, certificateFile, keyFile), disposeHandler: instead is null) { Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler Network(string? certificateAuthorityFile, string? certificateFile, string? keyFile) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = EndpointAddress.ConnectAsync,
        PooledConnectionLifetime = Lifetime,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = Authorities(certificateAuthorityFile),
            LocalCertificateSelectionCallback = certificateFile is null || keyFile is null ? null : (_, _, _, _, _) => Certificate(certificateFile, keyFile),
        },
    };

    /// <summary>Who asks; null where nobody wants to know.</summary>
    /// <exception cref="CredentialException">A secret's file cannot be used.</exception>
    public static async Task<AuthenticationHeaderValue?> AuthorizationAsync(EndpointOptions options, CancellationToken cancellationToken)
    {
        if (options.BearerTokenFile is { } tokenFile)
            return new AuthenticationHeaderValue("Bearer", (await Secret.ReadAsync(tokenFile, cancellationToken)).Reveal());
        if (options is { Username: { } user, PasswordFile: { } passwordFile })
        {
            var password = await Secret.ReadAsync(passwordFile, cancellationToken);
            return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password.Reveal()}")));
        }

        return null;
    }

    /// <summary>What went wrong with a connection, as the end of a sentence about the server. Nothing that it said is repeated.</summary>
    public static string Explain(Exception exception) => (exception as HttpRequestException)?.HttpRequestError switch
    {
        _ when exception is EndpointAddressException or { InnerException: EndpointAddressException } =>
            "is not asked: its name leads to a link-local address or to the metadata service of a cloud; correct the name, or write the address itself",
        HttpRequestError.NameResolutionError => Unresolved,
        // What HttpClient takes for an error of the connection: no name server answered.
        HttpRequestError.ConnectionError when exception.InnerException is SocketException { SocketErrorCode: SocketError.TryAgain } => Unresolved,
        HttpRequestError.SecureConnectionError => "cannot be trusted: its certificate does not fit the address or the certificate authority",
        _ => "cannot be reached, or broke the connection off",
    };

    /// <summary>Why nothing is asked for a while, as the end of a sentence about the server: what went wrong last, where that was no answer.</summary>
    public static string Explain(BrokenCircuitException pause)
    {
        const string LeftAlone = "failed too often lately and is left alone for half a minute";
        return pause.InnerException switch
        {
            TimeoutRejectedException => $"did not answer in time; it {LeftAlone}",
            HttpRequestException or IOException => $"{Explain(pause.InnerException)}; it {LeftAlone}",
            _ => LeftAlone,
        };
    }

    private static X509ChainPolicy? Authorities(string? file)
    {
        if (file is null)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }

    /// <summary>Read for each connection, so that a rotated pair is shown within <see cref="Lifetime"/>.</summary>
    private static X509Certificate2 Certificate(string certificate, string key)
    {
        try
        {
            var pair = X509Certificate2.CreateFromPemFile(certificate, key);
            // Schannel does not take keys that exist in memory only (dotnet/runtime#23749).
            return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null) : pair;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CredentialException();
        }
    }
}
