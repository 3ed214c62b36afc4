using System.Net;
using System.Net.Http.Headers;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Carries the requests of an HTTP client to an API server in the same process; nothing goes over a network.</summary>
internal sealed class ApiHandler(ApiServer server) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var content = request.Content;
        var body = content is null ? [] : await content.ReadAsByteArrayAsync(cancellationToken);
        var address = request.RequestUri!;
        var answer = server.Answer(new ApiRequest(
            request.Method.Method,
            Uri.UnescapeDataString(address.AbsolutePath),
            ApiRequest.ReadQuery(address.Query),
            content?.Headers.ContentType?.MediaType ?? "",
            string.Join(',', request.Headers.Accept),
            request.Headers.Authorization?.Parameter,
            body));
        return new HttpResponseMessage { RequestMessage = request, StatusCode = CodeOf(answer), Content = ContentOf(answer) };
    }

    private static HttpStatusCode CodeOf(ApiAnswer answer) => answer is ApiAnswer.Whole whole ? (HttpStatusCode)whole.Code : HttpStatusCode.OK;

    private static HttpContent ContentOf(ApiAnswer answer)
    {
        HttpContent content = answer switch
        {
            ApiAnswer.Whole whole => new ReadOnlyMemoryContent(whole.Body),
            ApiAnswer.Stream stream => new StreamContent(stream.Body),
            _ => throw new InvalidOperationException($"there is no answer {answer}"),
        };
        content.Headers.ContentType = new MediaTypeHeaderValue(answer is ApiAnswer.Whole { MediaType: var type } ? type : "application/json");
        return content;
    }
}
