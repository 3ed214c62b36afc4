using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;

namespace RolloutController.Kubernetes;

/// <summary>
/// Says who asks. Safe to share among clients and threads; what it knows is refreshed as it goes out of date, so ask for it at each request.
/// </summary>
public abstract class KubernetesCredentials
{
    private protected KubernetesCredentials()
    {
    }

    /// <summary>Nobody: requests carry no credential.</summary>
    public static KubernetesCredentials Anonymous { get; } = new FixedCredentials(default);

    /// <summary>A bearer token that never changes.</summary>
    public static KubernetesCredentials Token(string token) =>
        new TokenCredentials(TextSource.Inline(token));

    internal static KubernetesCredentials Basic(string userName, string password) =>
        new FixedCredentials(new Credential(
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{userName}:{password}"))), null));

    /// <summary>What the next request is to carry.</summary>
    /// <exception cref="KubernetesCredentialException">There is no credential to be had now.</exception>
    internal abstract ValueTask<Credential> GetAsync(CancellationToken cancellationToken);

    /// <summary>Tells that the API refused a credential (401): the next one is obtained anew.</summary>
    internal virtual void Reject(Credential credential)
    {
    }

    private sealed class FixedCredentials(Credential credential) : KubernetesCredentials
    {
        internal override ValueTask<Credential> GetAsync(CancellationToken cancellationToken) => new(credential);
    }
}

/// <summary>What one request carries: a header, a client certificate, both or nothing.</summary>
/// <param name="Authorization">The Authorization header, or null.</param>
/// <param name="Certificate">The certificate of the TLS connection, or null.</param>
internal readonly record struct Credential(AuthenticationHeaderValue? Authorization, SslStreamCertificateContext? Certificate)
{
    /// <summary>Keeps secrets out of logs.</summary>
    public override string ToString() => Authorization?.Scheme ?? (Certificate is null ? "anonymous" : "certificate");
}

/// <summary>A credential for the Kubernetes API could not be obtained; the message says from where and what to do.</summary>
public sealed class KubernetesCredentialException : Exception
{
    /// <summary>Makes the exception.</summary>
    public KubernetesCredentialException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
