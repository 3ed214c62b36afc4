using System.Net;
using Microsoft.Extensions.Primitives;
using RolloutController.Hosting.Options;

namespace RolloutController.Hosting.Health;

/// <summary>Decides who may see the details.</summary>
internal static class HealthAccess
{
    /// <summary>The header that carries the key.</summary>
    public const string Header = "X-Health-Key";

    /// <summary>Why the caller may not; null when it may.</summary>
    /// <param name="remote">The other end of the connection itself: what a header says about it, its sender made up.</param>
    /// <param name="key">The key that was configured.</param>
    /// <param name="presented">What the caller showed.</param>
    public static string? Refuse(IPAddress? remote, HealthKey? key, StringValues presented)
    {
        if (IsLoopback(remote))
            return null;
        if (key is null)
            return $"No health key is configured, so only localhost may look (kubectl port-forward does). To look from elsewhere, set {Settings.HealthKey} or {Settings.HealthKeyFile}.";
        return presented is [{ } one] && key.Matches(one)
            ? null
            : $"Send the health key, the one that {Settings.HealthKey.Variable} or {Settings.HealthKeyFile.Variable} sets, in the header {Header}; or look from localhost (kubectl port-forward does).";
    }

    private static bool IsLoopback(IPAddress? address) =>
        address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
