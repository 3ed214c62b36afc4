using System.Text.RegularExpressions;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>How objects may be called.</summary>
internal static partial class ObjectNames
{
    /// <summary>What is said of a name that is none.</summary>
    public const string Subdomain =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + "(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    /// <summary>Whether a name is one. RBAC allows any path segment, and so do names here that have a colon.</summary>
    public static bool IsValid(string name) => name.Length <= 253 && Pattern().IsMatch(name);

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9:]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9:]*[a-z0-9])?)*$")]
    private static partial Regex Pattern();
}
