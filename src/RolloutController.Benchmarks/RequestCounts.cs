using System.Globalization;
using System.Text.RegularExpressions;

namespace RolloutController.Benchmarks;

/// <summary>The requests that a controller has sent to the Kubernetes API, as its <c>/metrics</c> count them.</summary>
/// <param name="Series">Counts by HTTP method and kind.</param>
/// <param name="Reads">Gets and lists; the rest of the GETs are watches.</param>
internal sealed partial record RequestCounts(IReadOnlyDictionary<(string Method, string Kind), long> Series, long Reads)
{
    /// <summary>Creates, patches, updates and deletes, the leader's Lease apart.</summary>
    public long Writes => Series.Where(pair => pair.Key is { Method: not "GET", Kind: not "leases" }).Sum(pair => pair.Value);

    /// <summary>Writes of the leader's Lease.</summary>
    public long LeaseWrites => Series.Where(pair => pair.Key is { Method: not "GET", Kind: "leases" }).Sum(pair => pair.Value);

    /// <summary>Reads of the leader's Lease, which is not watched.</summary>
    public long LeaseReads => Series.GetValueOrDefault(("GET", "leases"));

    /// <summary>Watches that were opened.</summary>
    public long Watches => Series.Where(pair => pair.Key.Method == "GET").Sum(pair => pair.Value) - Reads;

    public static async Task<RequestCounts> ReadAsync(Uri controller, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var text = await http.GetStringAsync(new Uri(controller, "/metrics"), cancellationToken);
        var series = Requests().Matches(text)
            .GroupBy(match => (match.Groups["method"].Value, match.Groups["kind"].Value))
            .ToDictionary(group => group.Key, group => group.Sum(Number));
        return new RequestCounts(series, Durations().Matches(text).Sum(Number));
    }

    /// <summary>What came in between two readings.</summary>
    public static RequestCounts operator -(RequestCounts later, RequestCounts earlier) => new(
        later.Series.Select(pair => (pair.Key, Count: pair.Value - earlier.Series.GetValueOrDefault(pair.Key)))
            .Where(pair => pair.Count > 0).ToDictionary(pair => pair.Key, pair => pair.Count),
        later.Reads - earlier.Reads);

    /// <summary>The counts by method and kind, leases apart.</summary>
    public override string ToString() => string.Join(", ", Series.Where(pair => pair.Key is { Method: not "GET", Kind: not "leases" })
        .OrderBy(pair => pair.Key.Kind, StringComparer.Ordinal).ThenBy(pair => pair.Key.Method, StringComparer.Ordinal)
        .Select(pair => $"{pair.Key.Method} {pair.Key.Kind} {pair.Value}"));

    private static long Number(Match match) => (long)double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("""^rest_client_requests_total\{(?=.*method="(?<method>[A-Z]+)")(?=.*kind="(?<kind>[a-z]+)").*\} (?<value>\S+)$""", RegexOptions.Multiline)]
    private static partial Regex Requests();

    [GeneratedRegex("""^rest_client_request_duration_seconds_count\{.*verb="(get|list)".*\} (?<value>\S+)$""", RegexOptions.Multiline)]
    private static partial Regex Durations();
}
