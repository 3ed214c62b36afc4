using System.Net;
using System.Text;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>Carries the requests of an HTTP client to a simulated Prometheus in the same process; nothing goes over a network.</summary>
/// <param name="prometheus">The Prometheus.</param>
/// <param name="clock">Its clock.</param>
public sealed class PrometheusHandler(SimulatedPrometheus prometheus, TimeProvider clock) : HttpMessageHandler
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => prometheus.Fault switch
    {
        PrometheusFault.Down => Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused")),
        PrometheusFault.Hangs => Outside.NeverAsync<HttpResponseMessage>(cancellationToken),
        _ => AnswerAsync(request, cancellationToken),
    };

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var form = request.Content is { Headers.ContentType.MediaType: "application/x-www-form-urlencoded" } content ? await content.ReadAsStringAsync(cancellationToken) : "";
        var answer = prometheus.Answer(address.AbsolutePath, FormParameters.Read(address.Query.TrimStart('?'), form));
        return new HttpResponseMessage((HttpStatusCode)answer.Code)
        {
            RequestMessage = request,
            Headers = { Date = clock.GetUtcNow() },
            Content = new StringContent(answer.Body, Encoding.UTF8, answer.Type),
        };
    }
}
