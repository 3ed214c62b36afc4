using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace RolloutController.Analysis.Metrics;

/// <summary>Names one of the two versions in metrics. Every part is checked, since it ends up in a query.</summary>
public sealed partial record ArmIdentity
{
    // Pod names are the ReplicaSet's name, a dash and a suffix of five; the API server cuts the first two to 58 characters.
    // https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/storage/names/generate.go
    private const int MaxGenerateName = 58;

    /// <summary>Names a version.</summary>
    /// <param name="namespace">The namespace; a DNS label.</param>
    /// <param name="service">The Service that only this version is behind; null where both share one (a split by pod counts).</param>
    /// <param name="revision">The pod template's hash.</param>
    /// <param name="podsRegex">A regular expression (RE2) that this version's pod names match, such as <see cref="PodsOf"/> makes.</param>
    /// <exception cref="ArgumentException">A part is not of its form.</exception>
    public ArmIdentity(string @namespace, string? service, string revision, string podsRegex)
    {
        Namespace = Checked(DnsLabel(), @namespace, nameof(@namespace));
        Service = service is null ? null : Checked(DnsLabel(), service, nameof(service));
        Revision = Checked(DnsLabel(), revision, nameof(revision));
        PodsRegex = Checked(PodPattern(), podsRegex, nameof(podsRegex));
    }

    /// <summary>The namespace.</summary>
    public string Namespace { get; }

    /// <summary>The Service that only this version is behind; null where both share one.</summary>
    public string? Service { get; }

    /// <summary>The pod template's hash.</summary>
    public string Revision { get; }

    /// <summary>A regular expression that this version's pod names match.</summary>
    public string PodsRegex { get; }

    /// <summary>The IP addresses of this version's pods now; asked for at every look, because pods come and go.</summary>
    public Func<IReadOnlyCollection<IPAddress>> Addresses { get; init; } = () => [];

    /// <summary>A regular expression that <c>address:port</c> of this version's pods matches; nothing while there are none.</summary>
    public string AddressesRegex => Addresses() is { Count: > 0 } addresses
        ? $"({string.Join('|', addresses.Select(Pattern).Order(StringComparer.Ordinal))}):[0-9]+"
        : "none";

    /// <summary>The regular expression for the pods of a ReplicaSet.</summary>
    /// <param name="replicaSet">The ReplicaSet's name.</param>
    public static string PodsOf(string replicaSet)
    {
        ArgumentException.ThrowIfNullOrEmpty(replicaSet);
        var prefix = $"{replicaSet}-";
        // The dot is the one character of object names that means something in a regular expression. No dash in the
        // suffix, so that shop-abc does not catch the pods of shop-abc-worker.
        return prefix[..Math.Min(prefix.Length, MaxGenerateName)].Replace(".", @"\.", StringComparison.Ordinal) + "[a-z0-9]{5}";
    }

    // As in an authority (RFC 3986, 3.2.2): an IPv6 address stands in brackets.
    private static string Pattern(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6
        ? $@"\[{address}\]"
        : address.ToString().Replace(".", @"\.", StringComparison.Ordinal);

    private static string Checked(Regex form, string value, string name) => value is not null && form.IsMatch(value)
        ? value
        : throw new ArgumentException($"The {name} of a version cannot be used in a query: it does not match {form}.", name);

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^[a-z0-9.\\+*?()|\[\]{},-]{1,512}\z")]
    private static partial Regex PodPattern();
}
