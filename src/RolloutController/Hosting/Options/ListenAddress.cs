using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace RolloutController.Hosting.Options;

/// <summary>Reads <c>ADDRESS:PORT</c>.</summary>
internal static class ListenAddress
{
    public const string Hint = "write ADDRESS:PORT, such as 0.0.0.0:8080, [::]:8080, or :8080 for every address";

    /// <summary>Port 0 asks the system for a free one; an address left out stands for every address of both families.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        // IPEndPoint would take a missing port for port 0.
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return false;
        endpoint = text[..colon] switch
        {
            "" => new IPEndPoint(IPAddress.IPv6Any, port),
            "localhost" => new IPEndPoint(IPAddress.Loopback, port),
            ['[', .. var v6, ']'] when IPAddress.TryParse(v6, out var address) => new IPEndPoint(address, port),
            var v4 when !v4.Contains(':') && IPAddress.TryParse(v4, out var address) => new IPEndPoint(address, port),
            _ => null,
        };
        return endpoint is not null;
    }
}
