using System.Net;
using System.Text;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Faults;

/// <summary>The way of one process to Prometheus, on which faults lie.</summary>
internal sealed class MetricsLink(FaultBed bed, ControllerInstance process, HttpMessageHandler prometheus) : DelegatingHandler(prometheus)
{
    private readonly CancellationTokenSource _cutOff = new();

    /// <summary>Ends whatever is on its way.</summary>
    public void CutOff() => Outside.TheContext(_cutOff.Cancel);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Whoever is killed asks nothing, and whoever stands still neither: its timers are what would make it ask.
        return process.IsDead ? Never(cancellationToken) : bed.MetricsFaultAt(process) switch
        {
            MetricsFault.Refused => Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused")),
            MetricsFault.Fails => Answer(HttpStatusCode.InternalServerError, "application/json", """{"status": "error", "errorType": "internal", "error": "a fault that was put here"}"""),
            MetricsFault.Hangs => Never(cancellationToken),
            MetricsFault.Html => Answer(HttpStatusCode.OK, "text/html", "<html>Please log in</html>"),
            MetricsFault.Empty => Answer(HttpStatusCode.OK, "application/json", """{"status": "success", "data": {"resultType": "vector", "result": []}}"""),
            MetricsFault.NaN => Answer(HttpStatusCode.OK, "application/json", """{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [0, "NaN"]}]}}"""),
            _ => base.SendAsync(request, cancellationToken),
        };
    }

    protected override void Dispose(bool disposing)
    {
        _cutOff.Dispose();
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> Never(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cutOff.Token);
        return await Outside.NeverAsync<HttpResponseMessage>(either.Token).ConfigureAwait(false);
    }

    private static Task<HttpResponseMessage> Answer(HttpStatusCode code, string type, string body) =>
        Task.FromResult(new HttpResponseMessage(code) { Content = new StringContent(body, Encoding.UTF8, type) });
}
