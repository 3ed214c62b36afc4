using System.Net;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>Decides who may act by the page. It is asked after the checks that tell the page itself from another site.</summary>
public interface IActionGuard
{
    /// <summary>
    /// Whether each request has to bring a token of whoever acts. It then does not matter from where and by which name the page is reached: no other
    /// site has the token.
    /// </summary>
    bool AsksForToken { get; }

    /// <summary>Decides about a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="rollout">The Rollout that would be changed; null where it is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ActionPermission> CheckAsync(HttpContext context, ObjectKey? rollout, CancellationToken cancellationToken);
}

/// <summary>Whether a caller may act.</summary>
/// <param name="Status">The status to answer; 200 where it may.</param>
/// <param name="Message">Why not, in a sentence; empty where it may.</param>
/// <param name="User">Who acts; empty where nobody asked.</param>
public sealed record ActionPermission(int Status, string Message, string User)
{
    /// <summary>Whether the caller may.</summary>
    public bool IsGranted => Status == StatusCodes.Status200OK;

    /// <summary>The caller may.</summary>
    /// <param name="user">Who it is; empty where nobody asked.</param>
    public static ActionPermission Granted(string user = "") => new(StatusCodes.Status200OK, "", user);

    /// <summary>The caller may not.</summary>
    /// <param name="status">The status to answer.</param>
    /// <param name="message">Why not, in a sentence.</param>
    /// <param name="user">Who it is, where that is known.</param>
    public static ActionPermission Refused(int status, string message, string user = "") => new(status, message, user);
}

/// <summary>Lets callers on this machine act, and nobody else: the guard where no other is registered.</summary>
internal sealed class LocalActionGuard : IActionGuard
{
    /// <inheritdoc/>
    public bool AsksForToken => false;

    /// <inheritdoc/>
    public Task<ActionPermission> CheckAsync(HttpContext context, ObjectKey? rollout, CancellationToken cancellationToken) => Task.FromResult(
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
            ? ActionPermission.Granted()
            : ActionPermission.Refused(StatusCodes.Status403Forbidden, "Only callers on the machine that the page runs on may act; use kubectl instead."));
}
