using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Tests.Analysis.Metrics;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Metrics;

/// <summary>What the simulated Prometheus answers has the form of what a real one answers.</summary>
[CancelAfter(60_000)]
internal sealed class RealPrometheusShapeTests
{
    private static readonly string[] Questions =
    [
        "/api/v1/query?query=" + Uri.EscapeDataString("""http_requests_total{code="200"}[2m]"""),
        "/api/v1/query?query=" + Uri.EscapeDataString("""http_requests_total{code="200"}"""),
        "/api/v1/query?query=nothing_of_that_name",
        "/api/v1/query?query=nothing_of_that_name[5m]",
        "/api/v1/query?query=" + Uri.EscapeDataString("""http_requests_total{code=~"("}"""),
        "/api/v1/query?query=http_requests_total{",
        "/api/v1/query",
        "/-/ready",
    ];

    [Test]
    public async Task Answers_have_the_form_of_a_real_ones(CancellationToken token)
    {
        await using var target = await FakePrometheus.StartAsync(context => context.Response.WriteAsync("# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\"} 7\n", token));
        await using var real = await PrometheusProcess.StartAsync([target.Address.Authority], token);
        while (await real.QueryAsync("http_requests_total", token) is null)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, token);
        var simulated = new List<string>();
        Bed.Run(async bed =>
        {
            using var one = await PrometheusBed.StartAsync(bed);
            await bed.PassAsync(TimeSpan.FromMinutes(1));
            foreach (var question in Questions)
            {
                var (code, text, type) = await one.GetAsync(question);
                simulated.Add(Form(question, code, type, text));
            }
        });

        var asked = new List<string>();
        using var http = new HttpClient();
        foreach (var question in Questions)
        {
            using var response = await http.GetAsync(new Uri(real.Url, question), token);
            asked.Add(Form(question, response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(token)));
        }

        Assert.That(simulated, Is.EqualTo(asked));
    }

    [Test]
    public async Task It_can_be_asked_over_the_network(CancellationToken token)
    {
        var prometheus = new SimulatedPrometheus(TimeProvider.System);
        await using var server = await FakePrometheus.StartAsync(context => PrometheusEndpoint.AnswerAsync(prometheus, TimeProvider.System, context));
        using var http = new HttpClient();
        Assert.That(await http.GetStringAsync(new Uri(server.Address, "/-/ready"), token), Is.EqualTo("Prometheus Server is Ready.\n"));
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["query"] = "up[1m]" });

        using var response = await http.PostAsync(new Uri(server.Address, "/api/v1/query"), form, token);

        Assert.That(await response.Content.ReadAsStringAsync(token), Is.EqualTo("""{"status":"success","data":{"resultType":"matrix","result":[]}}"""));
        prometheus.Fault = PrometheusFault.Down;
        Assert.That(async () => await http.GetStringAsync(new Uri(server.Address, "/-/ready"), token), Throws.InstanceOf<HttpRequestException>());
    }

    private static string Form(string question, HttpStatusCode code, string? type, string text) =>
        $"{question}: {(int)code} {type} {(type == "application/json" ? Form(JsonNode.Parse(text), "") : text)}";

    /// <summary>The form of a value: names, kinds, and of lists the first item. Labels, and the words of errors, are everybody's own.</summary>
    private static string Form(JsonNode? node, string name) => node switch
    {
        JsonObject when name == "metric" => "{labels}",
        JsonObject members => $"{{{string.Join(',', members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}:{Form(member.Value, member.Key)}"))}}}",
        JsonArray items when name is "values" or "result" => items.Count == 0 ? "[]" : $"[{Form(items[0], "")}...]",
        JsonArray items => $"[{string.Join(',', items.Select(item => Form(item, "")))}]",
        JsonValue value when name is "status" or "errorType" or "resultType" => value.ToString(),
        _ => node?.GetValueKind().ToString() ?? nameof(JsonValueKind.Null),
    };
}
