using System.Net.Http.Headers;
using System.Text;
using RolloutController.Outbound;

namespace RolloutController.Analysis.Metrics;

/// <summary>Makes the requests to one Prometheus.</summary>
internal static class PrometheusRequest
{
    /// <summary>The query as a form: no limit of a URL's length, and no selectors in the access logs of proxies.</summary>
    public static async Task<HttpRequestMessage> MakeAsync(PrometheusOptions options, MetricQuery query, CancellationToken cancellationToken)
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
}
