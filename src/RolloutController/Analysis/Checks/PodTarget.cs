using System.Net;
using System.Net.Sockets;

namespace RolloutController.Analysis.Checks;

/// <summary>A pod that can be asked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its IP address.</param>
/// <param name="Port">The port that a check means; null where the pod has none of that name.</param>
public sealed record PodTarget(string Name, IPAddress Address, int? Port)
{
    /// <summary>
    /// Whether this can be the address of a pod. Link-local ones never are; in clouds, credentials of the node are to be had there.
    /// </summary>
    public bool IsReachable => !IsLinkLocal(Address) && !Address.Equals(IPAddress.Any) && !Address.Equals(IPAddress.IPv6Any);

    /// <summary>The authority of a URL for it.</summary>
    public string Authority => Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";

    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.MapToIPv4().GetAddressBytes() is [169, 254, ..] && (address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6));
}
