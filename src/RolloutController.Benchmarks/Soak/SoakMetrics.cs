using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using RolloutController.Rehearsal.Metrics;

namespace RolloutController.Benchmarks.Soak;

/// <summary>
/// A Prometheus of pods that each serve ten requests a second, of which those of a bad version fail half. Nothing of a version that is gone is kept,
/// so that what grows is the controller's.
/// </summary>
/// <param name="clock">The clock.</param>
internal sealed partial class SoakMetrics(TimeProvider clock) : HttpMessageHandler
{
    private const int Scrape = 5;

    private readonly ConcurrentDictionary<string, (DateTimeOffset Since, bool IsBad)> _versions = new();

    /// <summary>Has a revision serve from now on.</summary>
    public void Serve(string revision, bool isBad) => _versions.TryAdd(revision, (clock.GetUtcNow(), isBad));

    /// <summary>Has no revision serve any more but these.</summary>
    public void Keep(IReadOnlySet<string> revisions)
    {
        foreach (var revision in _versions.Keys.Where(revision => !revisions.Contains(revision)))
            _versions.TryRemove(revision, out _);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var query = FormParameters.Read("", await request.Content!.ReadAsStringAsync(cancellationToken)).GetValueOrDefault("query", "");
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Headers = { Date = clock.GetUtcNow() },
            Content = new StringContent($$$"""{"status":"success","data":{"resultType":"matrix","result":[{{{Series(query)}}}]}}""", Encoding.UTF8, "application/json"),
        };
    }

    private string Series(string query)
    {
        if (!_versions.TryGetValue(Revision().Match(query).Groups[1].Value, out var version))
            return "";
        var (now, since) = (clock.GetUtcNow().ToUnixTimeSeconds(), version.Since.ToUnixTimeSeconds());
        var errors = query.Contains("5..", StringComparison.Ordinal);
        var points = Enumerable.Range(0, 12).Select(back => now - (now % Scrape) - (Scrape * (11 - back))).Where(at => at >= since)
            .Select(at => string.Create(CultureInfo.InvariantCulture, $"[{at},\"{(errors ? version.IsBad ? 5 : 0 : 10) * (at - since)}\"]"));
        return $$$"""{"metric":{"pod":"one"},"values":[{{{string.Join(',', points)}}}]}""";
    }

    // The plain preset selects the pods of a ReplicaSet by their names, which end in its revision and a suffix.
    [GeneratedRegex("-([0-9a-z]{8,12})-")]
    private static partial Regex Revision();
}
