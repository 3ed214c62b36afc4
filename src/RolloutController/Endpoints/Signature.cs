using System.Security.Cryptography;
using System.Text;

namespace RolloutController.Endpoints;

/// <summary>Signs what is sent, so that a receiver knows who sent it.</summary>
internal static class Signature
{
    /// <summary>The header that holds it.</summary>
    public const string Header = "X-Rollout-Signature";

    /// <summary>The signature of a body: <c>sha256=</c> and the HMAC-SHA256 of its bytes (RFC 2104) in hexadecimal digits.</summary>
    /// <param name="body">The body, byte for byte as it is sent.</param>
    /// <param name="key">The key that both sides know; its UTF-8 bytes are used.</param>
    public static string Of(ReadOnlySpan<byte> body, Secret key) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal()), body))}";
}
