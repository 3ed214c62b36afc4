using System.Globalization;
using System.Net;
using System.Text;
using RolloutController.Rehearsal.Metrics;

namespace RolloutController.Tests.Fuzzing.Neighbours;

/// <summary>Answers for everybody whom a Rollout can name: mostly as a healthy version's would, now and then with nothing, nonsense or a failure.</summary>
/// <param name="clock">The clock.</param>
/// <param name="random">What chance is drawn from; null to answer well always.</param>
internal sealed class Chatter(TimeProvider clock, Random? random) : HttpMessageHandler
{
    private static readonly string[] Nonsense =
    [
        "", "null", "[]", "<html>please log in</html>", """{"status":"success"}""", """{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[0,"NaN"]]}]}}""", """{"verdict":"maybe"}""",
    ];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var form = request.Content is { Headers.ContentType.MediaType: "application/x-www-form-urlencoded" } content ? await content.ReadAsStringAsync(cancellationToken) : "";
        var query = FormParameters.Read(request.RequestUri!.Query.TrimStart('?'), form).GetValueOrDefault("query");
        var (status, body) = (random?.Next(20) ?? 19) switch
        {
            0 => (HttpStatusCode.OK, Nonsense[random!.Next(Nonsense.Length)]),
            1 => (HttpStatusCode.ServiceUnavailable, "down"),
            2 when query is null => (HttpStatusCode.OK, """{"verdict":"hold","message":"not now"}"""),
            _ => (HttpStatusCode.OK, query is null ? """{"verdict":"proceed"}""" : Answer(query)),
        };
        return new HttpResponseMessage(status) { RequestMessage = request, Headers = { Date = clock.GetUtcNow() }, Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }

    private string Answer(string query)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (!query.EndsWith(']'))
            return $$$"""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[{{{now}}},"1"]}]}}""";
        var isFailure = query.Contains("5..", StringComparison.Ordinal) || query.Contains("error", StringComparison.Ordinal);
        var values = Enumerable.Range(0, 20).Select(back => now - (now % 15) - (15 * (19 - back))).Select(at => $"[{at},\"{(isFailure ? 0 : at % 100_000_000 * 10).ToString(CultureInfo.InvariantCulture)}\"]");
        return $$$"""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"instance":"a"},"values":[{{{string.Join(',', values)}}}]}]}}""";
    }
}
