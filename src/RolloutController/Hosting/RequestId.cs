using Microsoft.Extensions.Primitives;

namespace RolloutController.Hosting;

/// <summary>Gives each request an id, the caller's where it is a proper one, that the answer and every log line about it carry.</summary>
internal static class RequestId
{
    /// <summary>The header that carries it, both ways.</summary>
    public const string Header = "X-Request-ID";

    private const int MaxLength = 64;

    /// <summary>The id for a request that came with a header, or with none.</summary>
    public static string From(StringValues header) =>
        header is [{ Length: > 0 and <= MaxLength } one] && one.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or ':')
            ? one
            : Guid.NewGuid().ToString("N");

    /// <summary>Adds it to the pipeline, ahead of everything else.</summary>
    public static void Use(WebApplication app, TimeProvider time)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(RequestId).FullName!);
        app.Use(next => context => Serve(context, next, logger, time));
    }

    private static async Task Serve(HttpContext context, RequestDelegate next, ILogger logger, TimeProvider time)
    {
        var id = From(context.Request.Headers[Header]);
        context.TraceIdentifier = id;
        context.Response.Headers[Header] = id;
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["RequestId"] = id });
        var start = time.GetTimestamp();
        try
        {
            await next(context);
            logger.LogDebug("{Method} {Path} was answered {Status} in {Milliseconds} ms", context.Request.Method, context.Request.Path.Value, context.Response.StatusCode, time.GetElapsedTime(start).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            logger.LogDebug("{Method} {Path} was given up by its caller", context.Request.Method, context.Request.Path.Value);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            logger.LogError(exception, "{Method} {Path} failed", context.Request.Method, context.Request.Path.Value);
            context.Response.Clear();
            context.Response.Headers[Header] = id;
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync($"The request failed; the log has more under RequestId {id}.\n", context.RequestAborted);
        }
    }
}
