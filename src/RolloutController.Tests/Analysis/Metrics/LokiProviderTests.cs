using System.Net;
using System.Web;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis.Metrics;

/// <summary>Counting log lines, asked of a server that answers as Loki does.</summary>
[CancelAfter(60_000)]
public sealed class LokiProviderTests
{
    private const string Pods = """{namespace="$namespace",pod=~"$pods"}""";
    private static readonly ArmIdentity Canary = new("shops", "shop-canary", "new", "shop-new-[a-z0-9]{5}");
    private static readonly ArmIdentity Stable = new("shops", "shop", "old", "shop-old-[a-z0-9]{5}");

    private static string Vector(string? count)
    {
        var result = count is null ? "" : $$"""{"metric":{},"value":[1767268800.123,"{{count}}"]}""";
        return """{"status":"success","data":{"resultType":"vector","result":[RESULT],"stats":{"summary":{"totalLinesProcessed":7}}}}""".Replace("RESULT", result, StringComparison.Ordinal);
    }

    [Test]
    public async Task Lines_of_the_version_are_counted(CancellationToken token)
    {
        var asked = new List<string>();
        await using var server = await ServerAsync(asked, _ => "12");

        var look = await LookAsync(server, new() { Streams = Pods, Lines = """|= "ERROR" """, Over = TimeSpan.FromMinutes(2) }, token);

        Assert.That(look, Is.InstanceOf<CheckLook.Measured>().With.Property("Value").EqualTo(12.0).And.Message.EqualTo("12 log lines are picked"));
        Assert.That(asked, Is.EqualTo(["""sum(count_over_time({namespace="shops",pod=~"shop-new-[a-z0-9]{5}"} |= "ERROR" [120s]))"""]));
    }

    [Test]
    public async Task No_line_is_good_news_only_where_there_are_others(CancellationToken token)
    {
        await using var silent = await ServerAsync([], _ => null);
        await using var clean = await ServerAsync([], query => query.Contains("ERROR", StringComparison.Ordinal) ? null : "400");
        var spec = new LogsCheckSpec { Streams = Pods, Lines = """|= "ERROR" """ };

        Assert.That(await LookAsync(silent, spec, token), Is.InstanceOf<CheckLook.Unknown>().With.Property("Class").EqualTo(DataClass.NoData));
        Assert.That(await LookAsync(clean, spec, token), Is.InstanceOf<CheckLook.Measured>().With.Property("Value").EqualTo(0.0).And.Message.EqualTo("none of 400 log lines is picked"));
    }

    [Test]
    public async Task Percentages_are_compared_with_the_stable_version(CancellationToken token)
    {
        await using var server = await ServerAsync([], query => (query.Contains("shop-new", StringComparison.Ordinal), query.Contains("ERROR", StringComparison.Ordinal)) switch
        {
            (true, true) => "5",
            (true, false) => "100",
            (false, true) => null,
            (false, false) => "2000",
        });

        var look = (CheckLook.Measured)await LookAsync(server, new() { Streams = Pods, Lines = """|= "ERROR" """, Value = LogsValue.Percent }, token, compares: true);

        Assert.That((look.Value, look.Stable), Is.EqualTo((5.0, 0.0)));
        Assert.That(look.Message, Is.EqualTo("5 of 100 log lines are picked; 0 in the stable version"));
    }

    [Test]
    public async Task A_label_is_held_to_the_namespace_and_the_tenant_is_told(CancellationToken token)
    {
        var asked = new List<string>();
        string? tenant = null;
        await using var server = await ServerAsync(asked, _ => "1", request => tenant = request.Headers["X-Scope-OrgID"]);

        await LookAsync(server, new() { Streams = """{namespace="other",pod=~"$pods"}""" }, token, options => options with { NamespaceLabel = "namespace", TenantId = "shops" });

        Assert.That(tenant, Is.EqualTo("shops"));
        Assert.That(asked.Single(), Is.EqualTo("""sum(count_over_time({namespace="other",pod=~"shop-new-[a-z0-9]{5}",namespace="shops"} [60s]))"""));
    }

    [TestCase(400, DataClass.ConfigError)]
    [TestCase(401, DataClass.ConfigError)]
    [TestCase(404, DataClass.ConfigError)]
    [TestCase(500, DataClass.ProviderError)]
    public async Task Refusals_and_failures_are_told_apart(int status, DataClass expected, CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json("HOSTILE", status, "text/plain"));
        var look = await LookAsync(server, new() { Streams = Pods }, token);
        Assert.That(look, Is.InstanceOf<CheckLook.Unknown>().With.Property("Class").EqualTo(expected));
        Assert.That(look.Message, Does.Not.Contain("HOSTILE"));
    }

    [Test]
    public async Task Answers_that_are_no_count_are_unknown(
        [Values("""{"status":"success","data":{"resultType":"streams","result":[]}}""", "<html>", """{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"-4"]}]}}""", """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"4"]},{"metric":{},"value":[1,"4"]}]}}""")] string body,
        CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json(body));
        Assert.That(await LookAsync(server, new() { Streams = Pods }, token), Is.InstanceOf<CheckLook.Unknown>());
    }

    [TestCase("""|= "ERROR" """)]
    [TestCase("""!~ `a[b](c){d}` | json | status >= 500, level="error" """)]
    [TestCase("""|= "a \" ] b" """)]
    [TestCase("")]
    public void Pipelines_of_filters_parsers_and_labels_are_fine(string lines) => Assert.That(() => Parse(lines), Throws.Nothing);

    [TestCase("""|= "x" [1m])) or sum(count_over_time({a="b"}""", "at character 8")]
    [TestCase("""|= "x" }""", "at character 8")]
    [TestCase("""|= "x" # """, "at character 8")]
    [TestCase("""|= "x\" """, "a quote is not closed")]
    [TestCase("""|= `x\` ) `""", "at character 9")]
    [TestCase("|= \"x\n\"", "at character 6")]
    [TestCase("ERROR", "begins with a filter")]
    public void Pipelines_cannot_reach_beyond_their_place(string lines, string expected) =>
        Assert.That(() => Parse(lines), Throws.TypeOf<SelectorException>().With.Message.Contains(expected));

    [TestCase("""logs{pod=~"$pods"}""", "by their labels alone")]
    [TestCase("""{__name__="x",pod=~"$pods"}""", "by their labels alone")]
    [TestCase("{}", "by their labels alone")]
    [TestCase("""{app="shop"}""", "cannot tell the two versions apart")]
    public void Streams_are_told_by_labels_that_differ(string streams, string expected) =>
        Assert.That(() => LogQuery.Parse(new LogsCheckSpec { Streams = streams }), Throws.TypeOf<SelectorException>().With.Message.Contains(expected));

    private static LogQuery Parse(string lines) => LogQuery.Parse(new LogsCheckSpec { Streams = Pods, Lines = lines });

    private static async Task<CheckLook> LookAsync(FakePrometheus server, LogsCheckSpec spec, CancellationToken token, Func<LokiOptions, LokiOptions>? with = null, bool compares = false)
    {
        var options = new LokiOptions("loki", server.Address);
        using var provider = new LokiProvider(with?.Invoke(options) ?? options, TimeProvider.System);
        return await ValueCheck.OfLogs(provider, LogQuery.Parse(spec), spec.Value, Canary, compares ? Stable : null, TimeProvider.System).LookAsync(token);
    }

    private static Task<FakePrometheus> ServerAsync(List<string> asked, Func<string, string?> count, Action<Microsoft.AspNetCore.Http.HttpRequest>? look = null) => FakePrometheus.StartAsync(context =>
    {
        look?.Invoke(context.Request);
        if (context.Request.Method != "GET" || context.Request.Path != "/loki/api/v1/query")
        {
            context.Response.StatusCode = (int)HttpStatusCode.NotFound;
            return Task.CompletedTask;
        }

        var query = HttpUtility.ParseQueryString(context.Request.QueryString.Value!)["query"]!;
        asked.Add(query);
        return FakePrometheus.Json(Vector(count(query)))(context);
    });
}
