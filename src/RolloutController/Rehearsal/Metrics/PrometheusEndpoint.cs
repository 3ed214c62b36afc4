namespace RolloutController.Rehearsal.Metrics;

/// <summary>Serves a simulated Prometheus on a web server, so that people can ask it with curl.</summary>
public static class PrometheusEndpoint
{
    /// <summary>Answers one request.</summary>
    public static async Task AnswerAsync(SimulatedPrometheus prometheus, TimeProvider clock, HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(prometheus);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(context);
        if (prometheus.Fault == PrometheusFault.Down)
        {
            context.Abort();
            return;
        }

        if (prometheus.Fault == PrometheusFault.Hangs)
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, context.RequestAborted);
        using var reader = new StreamReader(context.Request.Body);
        var form = context.Request.HasFormContentType ? await reader.ReadToEndAsync(context.RequestAborted) : "";
        var answer = prometheus.Answer(context.Request.Path.Value ?? "/", FormParameters.Read(context.Request.QueryString.Value?.TrimStart('?') ?? "", form));
        context.Response.StatusCode = answer.Code;
        context.Response.ContentType = answer.Type;
        context.Response.Headers.Date = clock.GetUtcNow().ToString("r");
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }
}
