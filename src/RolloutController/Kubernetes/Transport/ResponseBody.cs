using System.IO.Compression;

namespace RolloutController.Kubernetes;

/// <summary>Opens the body of a response.</summary>
internal static class ResponseBody
{
    /// <summary>The body, decompressed where it came compressed. Handlers that decompress by themselves would ask it of watches too.</summary>
    public static async Task<Stream> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return response.Content.Headers.ContentEncoding.Contains("gzip") ? new GZipStream(body, CompressionMode.Decompress) : body;
    }
}
