using System.Net.Mime;
using System.Text;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Pods;

/// <summary>Carries requests to the addresses of simulated pods; nothing goes over a network.</summary>
/// <param name="cluster">Where the pods are.</param>
/// <param name="answers">How they answer.</param>
public sealed class PodHandler(EmbeddedCluster cluster, PodAnswers answers) : HttpMessageHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var pod = cluster.List("pods").FirstOrDefault(pod => pod.Address() == address.Host && pod.IsActive() && IsUp(pod))
            ?? throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
        var answer = answers(new PodRequest(
            pod, address.PathAndQuery, name => request.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null));
        await Task.Delay(answer.Delay, cluster.Clock, cancellationToken);
        var response = new HttpResponseMessage(answer.Status)
        {
            RequestMessage = request,
            Content = new StringContent(answer.Body, Encoding.UTF8, MediaTypeNames.Application.Json),
        };
        foreach (var (name, value) in answer.Headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return response;
    }

    /// <summary>Nobody listens in a pod whose containers are down.</summary>
    private static bool IsUp(StoredObject pod) =>
        pod.Json.Items("status", "containerStatuses").All(container => container.At("state", "running") is not null);
}
