using System.Security.Cryptography;
using System.Text;

namespace RolloutController.Hosting.Options;

/// <summary>A key that is only ever compared: it keeps a hash, so that nothing can write it out.</summary>
public sealed class HealthKey
{
    private readonly byte[] _hash;

    /// <summary>Takes the key.</summary>
    /// <param name="key">The key, not empty.</param>
    public HealthKey(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        _hash = Hash(key);
    }

    /// <summary>Whether a caller showed the key, in a time that says nothing about it, its length included.</summary>
    public bool Matches(string presented) => CryptographicOperations.FixedTimeEquals(Hash(presented), _hash);

    /// <inheritdoc/>
    public override string ToString() => "(redacted)";

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
