using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RolloutController.Analysis.Metrics;

/// <summary>Makes the connection and the requests to one Prometheus.</summary>
internal static class PrometheusConnection
{
    /// <summary>
    /// A client that goes where the operator said and nowhere else: no redirects, no cookies, no proxy from the
    /// environment, and no decompression, so that a small answer stays small.
    /// </summary>
    public static HttpClient Open(PrometheusOptions options) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Authorities(options.CertificateAuthorityFile) },
    })
    {
        // The resilience pipeline keeps the time.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>A client whose requests something else than the network carries.</summary>
    public static HttpClient Over(HttpMessageHandler handler) => new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The query as a form: no limit of a URL's length, and no selectors in the access logs of proxies.</summary>
    public static async Task<HttpRequestMessage> RequestAsync(PrometheusOptions options, MetricQuery query, CancellationToken cancellationToken)
    {
        return new HttpRequestMessage(HttpMethod.Post, $"{options.Address.AbsoluteUri.TrimEnd('/')}/api/v1/query")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") }, Authorization = await AuthorizationAsync(options, cancellationToken) },
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["query"] = query.Text,
                // Just below our own patience, so that an abandoned query does not run on.
                ["timeout"] = "9s",
                // Thanos fails then instead of leaving stores out; others ignore it.
                ["partial_response"] = "false",
            }),
        }.WithTenant(options.TenantId);
    }

    private static HttpRequestMessage WithTenant(this HttpRequestMessage request, string? tenant)
    {
        if (tenant is not null)
            request.Headers.Add("X-Scope-OrgID", tenant);
        return request;
    }

    private static async Task<AuthenticationHeaderValue?> AuthorizationAsync(PrometheusOptions options, CancellationToken cancellationToken)
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

    private static X509ChainPolicy? Authorities(string? file)
    {
        if (file is null)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
