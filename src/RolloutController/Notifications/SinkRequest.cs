using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Endpoints;

namespace RolloutController.Notifications;

/// <summary>Makes the requests to one sink. Secrets are read for each, so that rotated ones work at once.</summary>
internal static class SinkRequest
{
    /// <summary>A message as a request.</summary>
    /// <param name="options">Where it goes.</param>
    /// <param name="message">The message.</param>
    /// <param name="id">The notification's identity, by which a webhook can tell that it has it already.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CredentialException">A file cannot be read, or holds no address.</exception>
    public static async Task<HttpRequestMessage> MakeAsync(SinkOptions options, JsonObject message, string id, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(options, message, cancellationToken);
        var request = new HttpRequestMessage(HttpMethod.Post, await AddressAsync(options, cancellationToken))
        {
            Headers = { UserAgent = { new ProductInfoHeaderValue("rollout-controller", null) } },
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        if (options.Kind != SinkKind.Webhook)
            return request;

        request.Headers.Add("Idempotency-Key", id);
        if (options.BearerTokenFile is { } tokenFile)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await Secret.ReadAsync(tokenFile, cancellationToken)).Reveal());
        if (options.SigningKeyFile is { } keyFile)
        {
            var key = await Secret.ReadAsync(keyFile, cancellationToken);
            request.Headers.Add(Signature.Header, Signature.Of(body, key));
        }

        return request;
    }

    private static async Task<byte[]> BodyAsync(SinkOptions options, JsonObject message, CancellationToken cancellationToken)
    {
        if (options.RoutingKeyFile is not { } file)
            return Encoding.UTF8.GetBytes(message.ToJsonString());
        var routed = message.DeepClone();
        routed["routing_key"] = (await Secret.ReadAsync(file, cancellationToken)).Reveal();
        return Encoding.UTF8.GetBytes(routed.ToJsonString());
    }

    private static async Task<Uri> AddressAsync(SinkOptions options, CancellationToken cancellationToken)
    {
        if (options.UrlFile is not { } file)
            return options.Url!;
        return SinkOptions.IsAddress((await Secret.ReadAsync(file, cancellationToken)).Reveal(), out var address) ? address! : throw new CredentialException();
    }
}
