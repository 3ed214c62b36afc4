namespace RolloutController.Kubernetes;

/// <summary>
/// Compares resource versions. Comparing them as integers is a promise of the API since Kubernetes 1.35 (KEP-5504) and has held
/// for built-in storage before; where one is not an integer, nothing is claimed.
/// </summary>
public static class ResourceVersions
{
    /// <summary>Whether a state of an object is at least as new as another; true where the two cannot be compared.</summary>
    /// <param name="version">The version that was seen.</param>
    /// <param name="than">The version that is waited for.</param>
    public static bool IsAtLeast(string version, string than) =>
        !ulong.TryParse(version, out var seen) || !ulong.TryParse(than, out var wanted) || seen >= wanted;
}
