using System.Net;

namespace RolloutController.Kubernetes;

/// <summary>Tells the answers of others that stand before an API, such as login pages, from those of the API, which sends no pages and redirects nobody.</summary>
internal static class ForeignAnswer
{
    /// <summary>What somebody else answered, for a person; null where the API may have.</summary>
    public static string? Of(HttpResponseMessage response)
    {
        var authority = response.RequestMessage?.RequestUri?.Authority ?? "the server";
        return response switch
        {
            { Content.Headers.ContentType.MediaType: "text/html" or "application/xhtml+xml" } => $"{authority} answers with a web page instead of JSON",
            { StatusCode: >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest } => $"{authority} sends us elsewhere, which no Kubernetes API does",
            _ => null,
        };
    }
}
