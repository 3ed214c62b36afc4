using System.Text;
using RolloutController.Control.Health;
using RolloutController.Hosting.Logging;
using RolloutController.Hosting.Options;

namespace RolloutController.Hosting.Health;

/// <summary>
/// Serves <c>/healthz</c> (also as <c>/livez</c>), <c>/readyz</c> and <c>/health/detailed</c>, in the form that Kubernetes' own
/// components use. https://kubernetes.io/docs/reference/using-api/health-checks/
/// </summary>
internal sealed class HealthEndpoints(IReadOnlyList<IHealthReport> reports, ControllerOptions options, TimeProvider time)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>Adds the endpoints.</summary>
    public void Map(WebApplication app)
    {
        app.MapMethods("/healthz", Methods, context => WriteChecks(context, "healthz", Live()));
        app.MapMethods("/livez", Methods, context => WriteChecks(context, "livez", Live()));
        app.MapMethods("/readyz", Methods, context => WriteChecks(context, "readyz", [.. Live(), .. Ready()]));
        app.MapMethods("/health/detailed", Methods, WriteDetails);
    }

    private List<HealthCheck> Live() => [.. reports.SelectMany(report => report.Live())];

    private List<HealthCheck> Ready() => [.. reports.SelectMany(report => report.Ready())];

    private static Task WriteChecks(HttpContext context, string name, List<HealthCheck> checks)
    {
        var verbose = context.Request.Query.ContainsKey("verbose");
        var failed = checks.Exists(check => !check.Ok);
        var body = new StringBuilder();
        foreach (var check in checks.Where(check => verbose || !check.Ok))
            body.Append(check.Ok ? "[+]" : "[-]").Append(check.Name).Append(": ").Append(LogText.Clean(check.Message)).Append('\n');
        body.Append(failed ? $"{name} check failed\n" : verbose ? $"{name} check passed\n" : "ok\n");
        return WriteText(context, failed ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK, body.ToString());
    }

    private Task WriteDetails(HttpContext context)
    {
        if (HealthAccess.Refuse(context.Connection.RemoteIpAddress, options.HealthKey, context.Request.Headers[HealthAccess.Header]) is { } refusal)
        {
            context.Response.Headers.WWWAuthenticate = HealthAccess.Header;
            return WriteText(context, StatusCodes.Status401Unauthorized, refusal + "\n");
        }
        var (live, ready) = (Live(), Ready());
        var details = new HealthDetails(
            BuildVersion.Version,
            BuildVersion.Revision,
            _startedAt,
            Math.Round((time.GetUtcNow() - _startedAt).TotalSeconds, 3),
            live.TrueForAll(check => check.Ok),
            live.TrueForAll(check => check.Ok) && ready.TrueForAll(check => check.Ok),
            live,
            ready,
            new SortedDictionary<string, string>(reports.SelectMany(report => report.Details()).GroupBy(fact => fact.Key).ToDictionary(facts => facts.Key, facts => facts.Last().Value), StringComparer.Ordinal));
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(details, HealthJson.Default.HealthDetails, cancellationToken: context.RequestAborted);
    }

    private static Task WriteText(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
