using System.Net.Http.Headers;
using RolloutController.Endpoints;

namespace RolloutController.Analysis.Metrics;

/// <summary>A Loki, as the operator sets it up.</summary>
/// <param name="Name">The name that Rollouts use in <c>logs.provider</c>; a DNS label.</param>
/// <param name="Address">Where the API is, with the path before <c>/loki/api/v1</c> if there is one.</param>
public sealed record LokiOptions(string Name, Uri Address) : EndpointOptions(Name, Address)
{
    /// <summary>The tenant, sent as <c>X-Scope-OrgID</c>.</summary>
    public string? TenantId { get; init; }

    /// <summary>A label that every query must hold to the Rollout's namespace; left out, users' selectors are asked as they are.</summary>
    public string? NamespaceLabel { get; init; }

    /// <inheritdoc/>
    protected override string Title => $"Log provider {Name}";
}

/// <summary>Where log lines are counted. Set up by the operator; a Rollout only names one.</summary>
public interface ILogProvider
{
    /// <summary>The name that Rollouts use.</summary>
    string Name { get; }

    /// <summary>The label that is held to the Rollout's namespace in every query; null when nothing is forced.</summary>
    string? NamespaceLabel { get; }

    /// <summary>Counts. Never throws for what the provider did.</summary>
    /// <param name="query">The question.</param>
    /// <param name="cancellationToken">Gives up; the only exception.</param>
    Task<MetricReading> ReadAsync(MetricQuery.Expression query, CancellationToken cancellationToken);
}

/// <summary>Asks a Loki.</summary>
/// <remarks>The API: https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-at-a-single-point-in-time</remarks>
public sealed class LokiProvider : ILogProvider, IDisposable
{
    private readonly LokiOptions _options;
    private readonly QueryApi _api;

    /// <summary>Opens a provider; the first query makes the first connection.</summary>
    /// <param name="options">Where and how; without problems.</param>
    /// <param name="clock">The clock of timeouts and retries.</param>
    /// <param name="handler">What carries the requests in place of the network; null for the network.</param>
    /// <param name="random">What waits are spread by; null for chance.</param>
    /// <exception cref="ArgumentException">The options have problems.</exception>
    public LokiProvider(LokiOptions options, TimeProvider clock, HttpMessageHandler? handler = null, Random? random = null)
    {
        _api = new QueryApi(options, RequestAsync, clock, handler, random);
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string? NamespaceLabel => _options.NamespaceLabel;

    /// <inheritdoc/>
    public Task<MetricReading> ReadAsync(MetricQuery.Expression query, CancellationToken cancellationToken) => _api.ReadAsync(query, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _api.Dispose();

    private async Task<HttpRequestMessage> RequestAsync(MetricQuery query, CancellationToken cancellationToken) =>
        new HttpRequestMessage(HttpMethod.Get, $"{_options.Address.AbsoluteUri.TrimEnd('/')}/loki/api/v1/query?query={Uri.EscapeDataString(query.Text)}")
        {
            Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") }, Authorization = await EndpointConnection.AuthorizationAsync(_options, cancellationToken) },
        }.WithTenant(_options.TenantId);
}
