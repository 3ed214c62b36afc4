using System.Net;
using System.Net.Sockets;
using RolloutController.Endpoints;

namespace RolloutController.Analysis.Checks;

/// <summary>
/// The addresses that pods have. A pod's status says where it is, and whoever can write that could point a request of the controller at
/// anything: itself, the metadata service of the cloud, from which credentials of the node are to be had, or the API server. Requests go to
/// the address as it was checked, never to a name.
/// </summary>
internal static class PodAddress
{
    /// <summary>Reads an address.</summary>
    /// <param name="text">As it stands in a pod's status.</param>
    /// <param name="apart">Addresses that are somebody else's, such as the API server's.</param>
    /// <returns>The address; null where no pod can have it.</returns>
    public static IPAddress? Parse(string text, IReadOnlyCollection<IPAddress> apart)
    {
        // The API writes addresses in their usual form alone; others, such as 0x7f.1, are read as addresses by some and as names by others.
        if (!IPAddress.TryParse(text, out var address) || !string.Equals(address.ToString(), text, StringComparison.OrdinalIgnoreCase))
            return null;
        var plain = Plain(address);
        return IsForPods(plain) && !EndpointAddress.IsOfMachine(plain) && !apart.Select(Plain).Contains(plain) ? address : null;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsForPods(IPAddress address) => !IPAddress.IsLoopback(address) && (address.AddressFamily == AddressFamily.InterNetwork
        // This network, multicast, and reserved with broadcast (RFC 6890).
        ? address.GetAddressBytes() is not ([0, ..] or [>= 224, ..])
        // An address that stands for one of IPv4 (RFC 6052, 3056, 4291) leads out of the network of pods.
        : !address.IsIPv6SiteLocal && !address.IsIPv6Multicast && !address.Equals(IPAddress.IPv6Any) && address.ScopeId == 0
            && address.GetAddressBytes() is not ([0, 0, 0, 0, 0, 0, 0, 0, ..] or [0x00, 0x64, 0xff, 0x9b, ..] or [0x20, 0x02, ..]));
}
