using System.Net;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// Sends a request again until the API server answers it: for what plays the rest of the cluster while the server is away or has lost its
/// storage.
/// </summary>
internal sealed class PatientHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryAsync(request, cancellationToken) is { } response)
                return response;
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage?> TryAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
            if (IsAnswer(response))
            {
                if (!request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
                    await response.Content.LoadIntoBufferAsync(cancellationToken);
                return response;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
        }
        response?.Dispose();
        return null;
    }

    /// <summary>An API server that has just started says 404 of whole groups, in plain text, until it knows who serves them.</summary>
    private static bool IsAnswer(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => false,
        HttpStatusCode.NotFound => response.Content.Headers.ContentType?.MediaType == "application/json",
        _ => true,
    };
}
