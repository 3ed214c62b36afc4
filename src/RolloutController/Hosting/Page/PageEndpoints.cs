using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RolloutController.Control.Health;
using RolloutController.Hosting.Options;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// Serves the page and what it reads: <c>/</c>, <c>/page/...</c> and <c>/api/v1/...</c>. Reading only, unless the host has an
/// <see cref="IPageActions"/>.
/// </summary>
internal sealed class PageEndpoints(RolloutFeed feed, PageHost host, EventStream events, CancellationToken stopping)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Adds what the page needs to the host.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<RolloutFeed>();

    /// <summary>Adds the endpoints.</summary>
    public static void Map(WebApplication app, ControllerOptions options)
    {
        var services = app.Services;
        var clock = services.GetRequiredService<TimeProvider>();
        var feed = services.GetRequiredService<RolloutFeed>();
        var actions = services.GetService<IPageActions>();
        var guard = services.GetService<IActionGuard>() ?? new LocalActionGuard();
        var host = new PageHost([.. services.GetServices<IHealthReport>()], actions, guard.AsksForToken, clock);
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        PageAssets.Map(app);
        new PageEndpoints(feed, host, new EventStream(feed, host, clock), stopping).Map(app, clock);
        if (actions is not null)
        {
            var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger<ActionEndpoints>();
            new ActionEndpoints(actions, guard, options.Listen.Address, logger).Map(app);
        }
    }

    /// <summary>The Rollout that a path names.</summary>
    public static ObjectKey KeyOf(HttpContext context) =>
        new((string)context.Request.RouteValues["namespace"]!, (string)context.Request.RouteValues["name"]!);

    /// <summary>Writes an answer that is not to be kept.</summary>
    public static async Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(answer, type);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }

    private void Map(WebApplication app, TimeProvider clock)
    {
        app.MapMethods("/api/v1/page", Methods, context =>
            WriteAsync(context, StatusCodes.Status200OK, host.View(), PageJson.Default.HostView));
        app.MapMethods("/api/v1/rollouts", Methods, context =>
            WriteAsync(context, StatusCodes.Status200OK, new ListMessage(clock.GetUtcNow(), true, feed.List(), []), PageJson.Default.ListMessage));
        app.MapMethods("/api/v1/rollouts/{namespace}/{name}", Methods, context =>
            feed.Detail(KeyOf(context)) is { } detail
                ? WriteAsync(context, StatusCodes.Status200OK, new DetailMessage(clock.GetUtcNow(), feed.IsFilled, detail), PageJson.Default.DetailMessage)
                : WriteAsync(context, StatusCodes.Status404NotFound, new AnswerMessage($"There is no Rollout {KeyOf(context)}."), PageJson.Default.AnswerMessage));
        app.MapGet("/api/v1/events", StreamAsync);
    }

    private async Task StreamAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var only = query["name"] is [{ Length: > 0 } name] ? new ObjectKey(query["namespace"].ToString(), name) : (ObjectKey?)null;
        using var follower = feed.Join(only);
        if (follower is null)
        {
            context.Response.Headers.RetryAfter = "10";
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, new AnswerMessage($"{RolloutFeed.MaxFollowers} pages are open already; close one."), PageJson.Default.AnswerMessage);
            return;
        }

        // A stream never ends by itself, and the server waits for requests when it stops.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await TypedResults.ServerSentEvents(events.ReadAsync(follower, only, end.Token)).ExecuteAsync(context);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
        }
    }
}
