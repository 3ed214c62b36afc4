using System.Net.Http.Headers;

namespace RolloutController.Kubernetes;

/// <summary>A bearer token, which may sit in a file that others renew.</summary>
internal sealed class TokenCredentials(TextSource token) : KubernetesCredentials
{
    /// <summary>
    /// A token file is read again after 60 s less a leeway of 10 s, as client-go does (<c>transport/token_source.go</c>):
    /// bound tokens live an hour and are renewed well before.
    /// </summary>
    public static readonly TimeSpan FilePeriod = TimeSpan.FromSeconds(50);

    internal override ValueTask<Credential> GetAsync(CancellationToken cancellationToken) =>
        new(new Credential(HeaderOf(token.Read()), null));

    internal override void Reject(Credential credential)
    {
        var text = token.Read();
        if (HeaderOf(text).Equals(credential.Authorization))
            token.Forget(text);
    }

    private static AuthenticationHeaderValue HeaderOf(string text) => new("Bearer", text.Trim());
}
