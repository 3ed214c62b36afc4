using System.IO.Compression;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace RolloutController.Hosting.Metrics;

/// <summary>Serves <c>/metrics</c>.</summary>
internal static class MetricsEndpoint
{
    // No byte order mark: a scraper would take it for a part of the first line.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static void Map(WebApplication app, MetricCollector collector) =>
        app.MapMethods("/metrics", [HttpMethods.Get, HttpMethods.Head], context => Serve(context, collector));

    private static async Task Serve(HttpContext context, MetricCollector collector)
    {
        var format = ExpositionFormat.Negotiate(context.Request.Headers.Accept);
        var compress = AcceptsGzip(context.Request);
        // Whole before the first byte is sent, so that a failure is an error and not half an answer.
        using var body = Render(collector, format, compress);
        context.Response.ContentType = format.ContentType;
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        if (compress)
            context.Response.Headers.ContentEncoding = "gzip";
        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await body.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static MemoryStream Render(MetricCollector collector, ExpositionFormat format, bool compress)
    {
        var body = new MemoryStream();
        Stream target = compress ? new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true) : body;
        using (var text = new StreamWriter(target, Utf8, leaveOpen: !compress))
            new ExpositionWriter(text, format).Write([.. ProcessMetrics.Collect(), .. collector.Collect()]);
        body.Position = 0;
        return body;
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptEncoding.OfType<string>()], out var encodings)
        && encodings.Any(encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);
}
