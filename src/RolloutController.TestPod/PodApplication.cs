using System.Globalization;

namespace RolloutController.TestPod;

/// <summary>What a pod of the tests serves: its version, a health check, and counters of what it answered.</summary>
internal sealed class PodApplication(string version, double failPercent)
{
    private long _requests;

    public Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers["X-Version"] = version;
        return context.Request.Path.Value switch
        {
            "/healthz" => context.Response.WriteAsync("ok"),
            "/metrics" => WriteMetricsAsync(context.Response),
            _ => ServeAsync(context.Response),
        };
    }

    private Task ServeAsync(HttpResponse response)
    {
        var number = Interlocked.Increment(ref _requests);
        // Failures are spread evenly: after n requests exactly floor(n × share) have failed.
        response.StatusCode = Failed(number) > Failed(number - 1) ? 500 : 200;
        return response.WriteAsync(version);
    }

    private Task WriteMetricsAsync(HttpResponse response)
    {
        var requests = Interlocked.Read(ref _requests);
        var failed = Failed(requests);
        response.ContentType = "text/plain; version=0.0.4";
        var text = string.Create(CultureInfo.InvariantCulture, $"# TYPE http_requests_total counter\nhttp_requests_total{{code=\"200\"}} {requests - failed}\n");
        // A client library has no series of a code before its first response.
        if (failed > 0)
            text += string.Create(CultureInfo.InvariantCulture, $"http_requests_total{{code=\"500\"}} {failed}\n");
        return response.WriteAsync(text);
    }

    private long Failed(long requests) => (long)Math.Floor((decimal)requests * (decimal)failPercent / 100);
}
