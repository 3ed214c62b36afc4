using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RolloutController.Kubernetes;

/// <summary>Reads a client certificate from PEM.</summary>
internal static class ClientCertificate
{
    /// <summary>The certificate with its key, and the intermediate certificates that follow it in the text.</summary>
    /// <param name="certificatePem">The certificate first, then its chain.</param>
    /// <param name="keyPem">The private key of the first certificate.</param>
    /// <param name="origin">Where they come from, for the message.</param>
    /// <exception cref="KubernetesCredentialException">The texts are not PEM or do not belong together.</exception>
    public static SslStreamCertificateContext Read(string certificatePem, string keyPem, string origin)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            if (OperatingSystem.IsWindows())
                certificate = WithStoredKey(certificate);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificatePem);
            return SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new KubernetesCredentialException(
                $"{origin}: the client certificate and its key cannot be used ({exception.Message}); both must be PEM and belong together", exception);
        }
    }

    // Schannel does not take keys that exist in memory only (dotnet/runtime#23749).
    private static X509Certificate2 WithStoredKey(X509Certificate2 certificate)
    {
        using (certificate)
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>A client certificate that is read again when its files change, beside whatever else says who asks.</summary>
internal sealed class ClientCertificateCredentials(TextSource certificate, TextSource key, string origin, KubernetesCredentials others) : KubernetesCredentials
{
    /// <summary>Certificate files are looked at every 5 minutes, as client-go does (<c>transport/cert_rotation.go</c>).</summary>
    public static readonly TimeSpan FilePeriod = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private (string Certificate, string Key, SslStreamCertificateContext Context)? _held;

    internal override async ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        var credential = await others.GetAsync(cancellationToken);
        return credential with { Certificate = Current() };
    }

    internal override void Reject(Credential credential)
    {
        others.Reject(credential);
        lock (_gate)
        {
            if (_held is not { } held || held.Context != credential.Certificate)
                return;
            certificate.Forget(held.Certificate);
            key.Forget(held.Key);
        }
    }

    private SslStreamCertificateContext Current()
    {
        lock (_gate)
        {
            var (certificatePem, keyPem) = (certificate.Read(), key.Read());
            if (_held is { } held && held.Certificate == certificatePem && held.Key == keyPem)
                return held.Context;
            return TryRead(certificatePem, keyPem);
        }
    }

    private SslStreamCertificateContext TryRead(string certificatePem, string keyPem)
    {
        try
        {
            var context = ClientCertificate.Read(certificatePem, keyPem, origin);
            _held = (certificatePem, keyPem, context);
            return context;
        }
        catch (KubernetesCredentialException) when (_held is { } held)
        {
            // Two files cannot be replaced at one instant: the old pair serves until the new one is complete.
            certificate.Forget(certificatePem);
            key.Forget(keyPem);
            return held.Context;
        }
    }
}
