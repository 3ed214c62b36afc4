using System.Text.RegularExpressions;

namespace RolloutController.Hosting.Options;

/// <summary>The two shapes of names in Kubernetes. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/</summary>
internal static partial class DnsName
{
    public static bool IsLabel(string name) => name.Length <= 63 && Label().IsMatch(name);

    public static bool IsSubdomain(string name) => name.Length <= 253 && name.Split('.').All(part => Label().IsMatch(part));

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label();
}
