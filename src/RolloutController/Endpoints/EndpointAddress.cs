using System.Net;
using System.Net.Sockets;

namespace RolloutController.Endpoints;

/// <summary>
/// Where a server may be. The operator chooses it, so loopback (a proxy beside the controller) and private networks are as good as any. But a name
/// means what somebody's DNS says: one that leads to the machine's own link or to the metadata service of a cloud, where credentials are
/// to be had, is not followed. An operator who means such an address writes it as an address.
/// </summary>
internal static class EndpointAddress
{
    // Metadata services outside of the link-local networks: AWS by IPv6, Azure's wire server, Alibaba Cloud.
    private static readonly IPAddress[] Metadata = [IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("168.63.129.16"), IPAddress.Parse("100.100.100.200")];

    /// <summary>Whether an address is one of a link, or of a cloud's metadata service.</summary>
    public static bool IsOfMachine(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return plain.IsIPv6LinkLocal || plain.GetAddressBytes() is [169, 254, _, _] || Metadata.Contains(plain);
    }

    /// <summary>The addresses to connect to.</summary>
    /// <param name="host">The host as the operator wrote it.</param>
    /// <param name="resolved">What it stands for.</param>
    /// <exception cref="EndpointAddressException">None of them may be asked.</exception>
    public static IPAddress[] Choose(string host, IReadOnlyList<IPAddress> resolved)
    {
        if (IPAddress.TryParse(host, out _))
            return [.. resolved];
        return resolved.Where(address => !IsOfMachine(address)).ToArray() is { Length: > 0 } chosen ? chosen : throw new EndpointAddressException();
    }

    /// <summary>Connects to an address that was checked, so that what the name means a moment later makes no difference.</summary>
    public static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = Choose(host, await Dns.GetHostAddressesAsync(host, cancellationToken));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>A server's name leads to an address that is not asked.</summary>
internal sealed class EndpointAddressException() : IOException("The name of a server leads to an address that is not asked.");
