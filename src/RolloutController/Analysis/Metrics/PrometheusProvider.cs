using System.Net.Http.Headers;
using RolloutController.Endpoints;

namespace RolloutController.Analysis.Metrics;

/// <summary>Asks a Prometheus query API.</summary>
public sealed class PrometheusProvider : IMetricProvider, IDisposable
{
    private readonly PrometheusOptions _options;
    private readonly QueryApi _api;

    /// <summary>Opens a provider; the first query makes the first connection.</summary>
    /// <param name="options">Where and how; without <see cref="PrometheusOptions.Problems"/>.</param>
    /// <param name="clock">The clock of timeouts and retries.</param>
    /// <param name="handler">What carries the requests in place of the network; null for the network.</param>
    /// <param name="random">What waits are spread by; null for chance.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public PrometheusProvider(PrometheusOptions options, TimeProvider clock, HttpMessageHandler? handler = null, Random? random = null)
    {
        _api = new QueryApi(options, RequestAsync, clock, handler, random);
        _options = options;
        DefaultSelectors = Presets.Find(options.Preset ?? Presets.Default);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public ErrorRateSelectors DefaultSelectors { get; }

    /// <inheritdoc/>
    public LatencySelectors? Latency(TimeSpan bound) => Presets.Latency(_options.Preset ?? Presets.Default, bound);

    /// <inheritdoc/>
    public string? NamespaceLabel => _options.NamespaceLabel;

    /// <summary>Whether Rollouts that name no provider use this one.</summary>
    public bool IsDefault => _options.IsDefault;

    /// <inheritdoc/>
    public Task<MetricReading> ReadAsync(MetricQuery query, CancellationToken cancellationToken) => _api.ReadAsync(query, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _api.Dispose();

    /// <summary>The query as a form: no limit of a URL's length, and no selectors in the access logs of proxies.</summary>
    private async Task<HttpRequestMessage> RequestAsync(MetricQuery query, CancellationToken cancellationToken)
    {
        return new HttpRequestMessage(HttpMethod.Post, $"{_options.Address.AbsoluteUri.TrimEnd('/')}/api/v1/query")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") }, Authorization = await EndpointConnection.AuthorizationAsync(_options, cancellationToken) },
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["query"] = query.Text,
                // Just below our own patience, so that an abandoned query does not run on.
                ["timeout"] = "9s",
                // Thanos fails then instead of leaving stores out; others ignore it.
                ["partial_response"] = "false",
            }),
        }.WithTenant(_options.TenantId);
    }
}
