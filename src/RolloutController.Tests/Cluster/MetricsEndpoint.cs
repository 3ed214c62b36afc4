using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RolloutController.Tests.Cluster;

/// <summary>One scrape target for all the simulated traffic of this test process, in Prometheus' text format.</summary>
internal sealed class MetricsEndpoint : IAsyncDisposable
{
    private readonly ConcurrentDictionary<FakeTraffic, byte> _sources = [];
    private readonly WebApplication _server;

    private MetricsEndpoint(WebApplication server, string address) => (_server, Address) = (server, address);

    /// <summary>Host and port, as a scrape target is written.</summary>
    public string Address { get; }

    public static async Task<MetricsEndpoint> StartAsync(CancellationToken cancellationToken)
    {
        var address = $"127.0.0.1:{ChildProcess.FreePort()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{address}");
        var endpoint = new MetricsEndpoint(builder.Build(), address);
        endpoint._server.Run(endpoint.WriteAsync);
        await endpoint._server.StartAsync(cancellationToken);
        return endpoint;
    }

    public void Add(FakeTraffic source) => _sources.TryAdd(source, 0);

    public void Remove(FakeTraffic source) => _sources.TryRemove(source, out _);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4";
        return context.Response.WriteAsync("# TYPE http_requests_total counter\n" + string.Concat(_sources.Keys.Select(source => source.Exposition())));
    }
}
