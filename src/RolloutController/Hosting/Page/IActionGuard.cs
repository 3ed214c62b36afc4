using System.Net;

namespace RolloutController.Hosting.Page;

/// <summary>Decides who may act by the page. It is asked after the checks that tell the page itself from another site.</summary>
public interface IActionGuard
{
    /// <summary>Why the caller may not act, in a sentence; null when it may.</summary>
    string? Refuse(HttpContext context);
}

/// <summary>Lets callers on this machine act, and nobody else: the guard where no other is registered.</summary>
internal sealed class LocalActionGuard : IActionGuard
{
    /// <inheritdoc/>
    public string? Refuse(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote)
            ? null
            : "Only callers on the machine that the page runs on may act; use kubectl instead.";
}
