using System.Net;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Fuzzing.Documents;

/// <summary>
/// Whatever a provider answers, its reader does not throw, says nothing of it again, reads no more than its bound, and takes nothing for a pass that is
/// none (row 32 of the faults).
/// </summary>
internal sealed class ProviderReplyTests
{
    private const string Canary = "xyzzy-5150";
    private const int Bound = 1024 * 1024;

    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private static readonly string Matrix = $$$"""
        {"status":"success","data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"http_requests_total","pod":"{{{Canary}}}","code":"200"},"values":[[{{{Now.ToUnixTimeSeconds() - 30}}},"100"],[{{{Now.ToUnixTimeSeconds() - 15}}},"150.5"],[{{{Now.ToUnixTimeSeconds()}}}.781,"200"]]},
        {"metric":{"pod":"b"},"values":[[{{{Now.ToUnixTimeSeconds()}}},"7"]]}]},"warnings":["PromQL info: {{{Canary}}}"]}
        """;

    private static readonly string Vector = $$$"""{"status":"success","data":{"resultType":"vector","result":[{"metric":{"pod":"{{{Canary}}}"},"value":[{{{Now.ToUnixTimeSeconds()}}},"0.25"]}]}}""";

    private static readonly string Refused = $$"""{"status":"error","errorType":"bad_data","error":"{{Canary}}"}""";

    private static readonly string Page = $"<!DOCTYPE html><html><body>please log in {Canary}</body></html>";

    private static readonly string[] Verdicts =
    [
        $$"""{"verdict":"proceed","message":"{{Canary}}"}""", """{"verdict":"hold"}""", """{"verdict":"rollback","message":"no"}""", """{"ok":true,"nested":{"verdict":"proceed"}}""", Page,
    ];

    [Test]
    public void Metrics_are_read_or_unknown() => Fuzz.Check(MutatedDocument.Of(Matrix, Vector, Refused, Page), 700, reply =>
    {
        foreach (var query in (MetricQuery[])[new MetricQuery.Counters("a", TimeSpan.FromMinutes(1)), new MetricQuery.Gauges("a", TimeSpan.FromMinutes(1)), new MetricQuery.Expression("a")])
            Judge(Ask(reply.Bytes(), query), query, reply);
    });

    [Test]
    public void Log_lines_are_counted_or_unknown() => Fuzz.Check(MutatedDocument.Of(Vector, Matrix, Page), 300, reply =>
    {
        using var handler = new CannedHandler(reply.Bytes());
        var (clock, reading) = (new VirtualTime(Now), (MetricReading?)null);
        using var loki = new LokiProvider(new LokiOptions("loki", new Uri("http://loki.test")), clock, handler);
        var query = new MetricQuery.Expression("a");
        clock.Run(async () => reading = await loki.ReadAsync(query, CancellationToken.None));
        Judge(reading!, query, reply);
    });

    [Test]
    public void A_hook_passes_only_what_it_says_may_proceed() => Fuzz.Check(MutatedDocument.Of(Verdicts), 500, reply =>
    {
        var look = Ask(reply.Bytes());
        LawBrokenException.Unless(look is not CheckLook.Passed || Says(reply.Bytes(), "proceed"), "only proceed is a pass", $"{look} for {reply}");
        LawBrokenException.Unless(look.Message.Length < 300 && !look.Message.Any(char.IsControl), "a message is short and plain", $"{look.Message} for {reply}");
    });

    [Test]
    public void A_pod_passes_only_with_what_is_expected() => Fuzz.Check(
        MutatedDocument.Of($$"""{"database":"connected","memory":{"percent":40},"list":[1,2],"note":"{{Canary}}"}""", Page), 400, reply =>
    {
        using var handler = new CannedHandler(reply.Bytes());
        using var transport = new HttpMessageInvoker(handler);
        var spec = new HttpCheckSpec { ExpectJson = [new JsonExpectation { Pointer = "/database", Expected = "connected" }], Value = "/memory/percent" };
        var (clock, look) = (new VirtualTime(Now), (CheckLook?)null);
        var check = new HttpCheck(spec, () => [new PodTarget("shop-1", IPAddress.Parse("192.0.2.1"), 8080)], () => [], compares: false, (_, _) => Task.FromResult(""), transport, clock);
        clock.Run(async () => look = await check.LookAsync(CancellationToken.None));
        LawBrokenException.Unless(look is not CheckLook.Measured { Value: var value } || double.IsFinite(value), "a value is a number", $"{look} for {reply}");
        LawBrokenException.Unless(!look!.Message.Contains(Canary, StringComparison.Ordinal), "an answer is not repeated", $"{look} for {reply}");
    });

    [Test]
    public async Task No_more_is_read_than_an_honest_answer_has([Values("metrics", "hook")] string of, [Values(0, 1000)] int pauseMilliseconds)
    {
        var clock = new ManualTimeProvider(Now);
        var started = clock.GetUtcNow();
        var body = new EndlessStream(clock, Encoding.UTF8.GetBytes(of == "hook" ? Verdicts[0] : Matrix), TimeSpan.FromMilliseconds(pauseMilliseconds));
        using var handler = new CannedHandler(() => new StreamContent(body));
        using var provider = new PrometheusProvider(new PrometheusOptions("main", new Uri("http://prometheus.test")), clock, handler);
        using var hook = new Hook(new HookOptions("approvals", new Uri("http://hooks.test")), clock, handler);
        var asking = of == "hook" ? AnswerOf(hook.AskAsync(Question(), CancellationToken.None)) : AnswerOf(provider.ReadAsync(new MetricQuery.Expression("a"), CancellationToken.None));
        for (var seconds = 0; seconds < 120 && !asking.IsCompleted; seconds++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(asking, Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System));
        }

        var answer = await asking;
        Assert.That(answer, Is.InstanceOf<MetricReading.Unavailable>().Or.InstanceOf<MetricReading.Refused>().Or.InstanceOf<CheckLook.Unknown>());
        Assert.That(body.Taken, Is.LessThan(Bound + (64 * 1024)));
        Assert.That(clock.GetUtcNow() - started, Is.LessThan(TimeSpan.FromMinutes(1)));
    }

    private static async Task<object> AnswerOf<T>(Task<T> asking) => (await asking)!;

    private static MetricReading Ask(byte[] body, MetricQuery query)
    {
        using var handler = new CannedHandler(body);
        var (clock, reading) = (new VirtualTime(Now), (MetricReading?)null);
        using var provider = new PrometheusProvider(new PrometheusOptions("main", new Uri("http://prometheus.test")), clock, handler);
        clock.Run(async () => reading = await provider.ReadAsync(query, CancellationToken.None));
        return reading!;
    }

    private static CheckLook Ask(byte[] body)
    {
        using var handler = new CannedHandler(body);
        var (clock, look) = (new VirtualTime(Now), (CheckLook?)null);
        using var hook = new Hook(new HookOptions("approvals", new Uri("http://hooks.test")), clock, handler);
        clock.Run(async () => look = await hook.AskAsync(Question(), CancellationToken.None));
        return look!;
    }

    private static void Judge(MetricReading reading, MetricQuery query, MutatedDocument reply)
    {
        switch (reading)
        {
            case MetricReading.Found found:
                var values = found.Series.SelectMany(series => series.Points).Select(point => point.Value).ToList();
                LawBrokenException.Unless(values.All(double.IsFinite), "a value is a number", $"{string.Join(", ", values)} for {reply}");
                LawBrokenException.Unless(query is not MetricQuery.Counters || values.All(value => value >= 0), "a count is not below 0", $"{string.Join(", ", values)} for {reply}");
                LawBrokenException.Unless(Says(reply.Bytes(), "success"), "only a success has data", reply.ToString());
                break;
            case MetricReading.Unavailable(var message):
                JudgeMessage(message, reply);
                break;
            case MetricReading.Refused(var message):
                JudgeMessage(message, reply);
                break;
        }
    }

    private static void JudgeMessage(string message, MutatedDocument reply) =>
        LawBrokenException.Unless(message is { Length: > 0 and < 300 } && !message.Contains(Canary, StringComparison.Ordinal), "an answer is not repeated", $"{message} for {reply}");

    /// <summary>Whether a body is JSON, and its first member of that kind says so.</summary>
    private static bool Says(byte[] body, string word)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.EnumerateObject().Any(member => member.Value.ValueKind == JsonValueKind.String && member.Value.GetString() == word);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static HookQuestion Question() => new()
    {
        Time = Now,
        Check = "allowed",
        Namespace = "default",
        Rollout = "shop",
        Revision = "b",
        StableRevision = "a",
        Stage = StepStage.Judging,
        Weight = 5,
        Parameters = new Dictionary<string, string>(),
    };
}
