using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RolloutController.Kubernetes;

/// <summary>Which servers are trusted: those of the system's authorities, those of authorities of our own, or any.</summary>
public sealed class ServerTrust
{
    private readonly TextSource? _authorities;

    private ServerTrust(TextSource? authorities) => _authorities = authorities;

    /// <summary>Trusts what the operating system trusts.</summary>
    public static ServerTrust System { get; } = new(null);

    /// <summary>Trusts any server: a secret sent to it is a secret told to whoever is on the way.</summary>
    public static ServerTrust Insecure { get; } = new(null);

    /// <summary>Trusts the authorities of a PEM bundle and no others.</summary>
    public static ServerTrust Authorities(string pem) => new(TextSource.Inline(pem));

    internal static ServerTrust Authorities(TextSource pem) => new(pem);

    /// <summary>The PEM bundle as it is now, or null. Authorities are replaced while we run; compare to see it.</summary>
    internal string? Bundle => _authorities?.Read();

    /// <summary>TLS options for new connections.</summary>
    /// <exception cref="KubernetesCredentialException">The bundle holds no certificate.</exception>
    [SuppressMessage("Security", "CA5359", Justification = "Only where the kubeconfig asks for it in so many words; the loader warns.")]
    internal SslClientAuthenticationOptions ToOptions(string? bundle)
    {
        var options = new SslClientAuthenticationOptions();
        if (ReferenceEquals(this, Insecure))
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        else if (bundle is not null)
            options.CertificateChainPolicy = PolicyFor(bundle);
        return options;
    }

    // A policy, not a callback: the runtime goes on checking the host name by itself. Callbacks that judged the chain alone have
    // accepted other servers' certificates (CVE-2025-9708).
    private static X509ChainPolicy PolicyFor(string bundle)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPem(bundle);
        }
        catch (CryptographicException exception)
        {
            throw new KubernetesCredentialException($"The certificate authorities cannot be read: {exception.Message}", exception);
        }
        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new KubernetesCredentialException("The certificate authorities hold no certificate; PEM text with BEGIN CERTIFICATE is expected");
    }
}
