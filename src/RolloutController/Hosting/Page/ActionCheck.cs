using System.Net;
using Microsoft.Extensions.Primitives;

namespace RolloutController.Hosting.Page;

/// <summary>
/// Tells requests of the page itself from those that another site makes a browser send (CSRF, also by a name that was rebound to this
/// address). What a form or a script of another site can send without asking first never passes.
/// </summary>
internal static class ActionCheck
{
    /// <summary>A header that no site may send to another without asking it first, and nobody here says yes.</summary>
    public const string Header = "X-Rollout-Page";

    /// <summary>The most bytes of a request's body.</summary>
    public const int MaxBody = 4096;

    private static readonly string[] Schemes = ["http", "https"];

    /// <summary>Why a request is refused, with the status to answer; null where it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="listen">
    /// The address that the host listens on: a name in the request that is neither this nor localhost belongs to somebody else. Null where names do not
    /// matter, because each request proves whose it is.
    /// </param>
    public static (int Status, string Message)? Refuse(HttpRequest request, IPAddress? listen)
    {
        if (listen is not null && !IsKnown(request.Host, listen))
            return (StatusCodes.Status403Forbidden, $"\"{request.Host.Host}\" is no name of this host: open the page at http://localhost:{request.Host.Port ?? 80}/ and act there.");
        if (!IsSameOrigin(request))
            return (StatusCodes.Status403Forbidden, "The request comes from another site.");
        if (request.Headers[Header].Count == 0)
            return (StatusCodes.Status403Forbidden, $"Send the header {Header}: 1, which tells the request from one that another site makes a browser send.");
        if (!request.HasJsonContentType())
            return (StatusCodes.Status415UnsupportedMediaType, "Send Content-Type: application/json.");
        return request.ContentLength > MaxBody
            ? (StatusCodes.Status413PayloadTooLarge, $"The body is longer than {MaxBody} bytes.")
            : null;
    }

    private static bool IsKnown(HostString host, IPAddress listen)
    {
        if (host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        return IPAddress.TryParse(host.Host, out var address) && (IPAddress.IsLoopback(address) || address.Equals(listen));
    }

    private static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin")
            return false;
        return request.Headers.Origin is not { Count: > 0 } origin || IsOwn(origin, request);
    }

    // The scheme is the browser's affair: where a proxy ends TLS, what arrives here is http.
    private static bool IsOwn(StringValues origin, HttpRequest request) =>
        origin is [{ } one] && Schemes.Any(scheme => one.Equals($"{scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
}
