using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Api;

namespace RolloutController.Cli.Converting;

/// <summary>What a metric of Argo Rollouts asks, as kinds of checks. Fields by its <c>pkg/apis/rollouts/v1alpha1/analysis_types.go</c> (MetricProvider).</summary>
/// <param name="draft">The Rollout.</param>
/// <param name="canaryService">The Service of the new version; null for none.</param>
internal sealed partial class ArgoProviders(RolloutDraft draft, string? canaryService)
{
    private const string Others = $"is not asked by the controller: {ForeignQuery.Instead}";

    // What a request of ours does not have.
    private static readonly string[] NotOurs = ["body", "jsonBody", "authentication"];

    private readonly ForeignQuery _queries = new(draft);

    /// <summary>Writes what a metric asks, and which answers are fine, into a check.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="arguments">What its texts are filled in with.</param>
    /// <param name="check">The check.</param>
    /// <param name="isDry">Whether it is only to be told, and takes nothing back.</param>
    /// <returns>Whether it has a counterpart; where it has none, a note says so.</returns>
    public bool Convert(FieldReader metric, ArgoArguments arguments, JsonObject check, bool isDry)
    {
        var (success, failure) = (Condition(metric, "successCondition", arguments), Condition(metric, "failureCondition", arguments));
        if (metric.Object("provider") is not { } provider)
            throw metric.Wrong("provider", "object");
        if (provider.Object("prometheus") is { } prometheus)
            return Prometheus(prometheus, arguments, check) && Limits(metric, success, failure, check, isDry);
        if (provider.Object("job") is { } job)
            return Job(job, arguments, check);
        if (provider.Object("web") is { } web)
            return Web(web, arguments, metric, success, failure, check, isDry);
        foreach (var name in provider.Rest.Select(path => path[(provider.Path.Length + 1)..]).ToList())
        {
            provider.Node(name);
            draft.Note(provider.PathOf(name), Others);
        }

        return false;
    }

    private static string? Condition(FieldReader metric, string name, ArgoArguments arguments) => metric.Text(name) is { } condition ? arguments.Fill(condition).Text : null;

    private bool Prometheus(FieldReader prometheus, ArgoArguments arguments, JsonObject check)
    {
        foreach (var name in new[] { "authentication", "headers", "insecure", "timeout" })
        {
            if (prometheus.Node(name) is not null)
                draft.Note(prometheus.PathOf(name), ForeignQuery.OfProvider);
        }

        if (prometheus.Text("address") is { } address)
            _queries.Provider(prometheus.PathOf("address"), arguments.Fill(address).Text);
        var (query, unknown) = arguments.FillQuery(prometheus.Text("query") ?? "");
        if (prometheus.Node("rangeQuery") is not null)
            draft.Note(prometheus.PathOf("rangeQuery"), "is not converted: a check asks for one value of one moment; write the range into the query, as in max_over_time");
        else if (unknown is not null)
            draft.Note(prometheus.PathOf("query"), $"is not converted: what {unknown} stands for is not known before an analysis runs, or is a secret");
        else if (_queries.Convert(prometheus.PathOf("query"), query) is { } converted)
            check["query"] = converted;
        return check.ContainsKey("query");
    }

    /// <summary>What fails is critical, and what is neither a success nor a failure a warning.</summary>
    private bool Limits(FieldReader metric, string? success, string? failure, JsonObject check, bool isDry)
    {
        var (fine, bad) = (success is null ? null : ForeignLimits.OfSuccess(success), failure is null ? null : ForeignLimits.OfFailure(failure));
        foreach (var (name, text, limits) in new[] { ("successCondition", success, fine), ("failureCondition", failure, bad) })
        {
            if (text is not null && limits is null)
                draft.Note(metric.PathOf(name), $"{text} is no range of one value, so it is not converted: write critical: {{above: ...}} or {{below: ...}}");
            else if (limits?.IsStrict == true)
                draft.Note(metric.PathOf(name), $"{text}: here the limit itself is fine");
        }

        if ((bad ?? fine) is not { } limit)
        {
            if (success is null && failure is null)
                draft.Note(metric.Path, "is not converted, as it says of no value that it fails: write critical: {above: ...} or {below: ...}");
            return false;
        }

        if (fine is not null && bad is not null && !isDry)
            check["warning"] = fine.Json();
        check[isDry ? "warning" : "critical"] = limit.Json();
        if (bad?.NamesNoData == true)
            check["onNoData"] = "Rollback";
        else if (fine?.NamesNoData == true)
            check["onNoData"] = "Ignore";
        return true;
    }

    private bool Job(FieldReader job, ArgoArguments arguments, JsonObject check)
    {
        job.Node("metadata");
        if (job.Object("spec") is not { } spec || spec.Node("template") is not JsonObject template)
            throw job.Wrong("spec.template", "object");
        string? unknown = null;
        var filled = Filled(template, text =>
        {
            var (whole, missing) = arguments.Fill(text, "$(ROLLOUT_REVISION)");
            unknown ??= missing;
            return whole;
        });
        if (unknown is not null)
        {
            draft.Note(spec.PathOf("template"), $"is not converted: what {unknown} stands for is not known before an analysis runs, or is a secret");
            return false;
        }

        if (canaryService is not null && ForeignText.ReplaceName(filled.ToJsonString(), canaryService, "") != filled.ToJsonString())
            draft.Note(spec.PathOf("template"), $"names {canaryService}: write $(ROLLOUT_CANARY_SERVICE), which each container is told");
        var written = new JsonObject { ["template"] = filled };
        if (spec.Number("activeDeadlineSeconds") is > 0 and <= 86400 and var seconds)
            written["deadline"] = GatewayDuration.Format(TimeSpan.FromSeconds(seconds));
        if (spec.Number("backoffLimit") is > 0 and var tries)
            written["retries"] = (int)Math.Min(tries, 10);
        check["job"] = written;
        return true;
    }

    private static JsonNode Filled(JsonNode node, Func<string, string> fill) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(member.Key, member.Value is null ? null : (JsonNode?)Filled(member.Value, fill)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Filled(item, fill))]),
        JsonValue value when value.TryGetValue<string>(out var text) => fill(text),
        _ => node.DeepClone(),
    };

    /// <summary>Who asks the Service of the new version asks its pods.</summary>
    private bool Web(FieldReader web, ArgoArguments arguments, FieldReader metric, string? success, string? failure, JsonObject check, bool isDry)
    {
        var ((address, _), seconds) = (arguments.Fill(web.Text("url") ?? ""), web.Number("timeoutSeconds"));
        var (method, headers, path) = (web.Text("method"), web.Node("headers"), web.Text("jsonPath"));
        var isPlain = NotOurs.Select(web.Node).OfType<JsonNode>().ToList() is [] && (method ?? "GET") == "GET";
        web.Node("insecure");
        if (!isPlain || !Uri.TryCreate(address, UriKind.Absolute, out var url) || canaryService is null || url.Host.Split('.')[0] != canaryService)
        {
            draft.Note(web.PathOf("url"), $"is not converted: {ForeignQuery.Shown(address)} is for who runs the controller to set up as a hook, which answers proceed, hold or rollback (docs/providers.md); a GET to the version's own pods is a check with http");
            return false;
        }

        if (headers is not null)
            draft.Note(web.PathOf("headers"), "write them as http.headers, secrets with secretKeyRef");
        var http = new JsonObject { ["path"] = url.PathAndQuery };
        if (seconds is > 0 and <= 30)
            http["maxLatency"] = GatewayDuration.Format(TimeSpan.FromSeconds(seconds.Value));
        draft.Note(web.PathOf("url"), "each ready pod of the version is asked, at the first port of its template: write http.port for another");
        var pointer = path is not null && JsonPath().Match(path) is { Success: true } match ? match.Groups[1].Value.Replace('.', '/') : null;
        check["http"] = http;
        if (success is not null && failure is null && pointer is not null && Equality().Match(success) is { Success: true } equal)
            http["expectJson"] = new JsonArray(new JsonObject { ["pointer"] = pointer, ["equals"] = equal.Groups[1].Value.Trim('\'', '"') });
        else if (success is not null || failure is not null)
        {
            if (pointer is null || !Limits(metric, success, failure, check, isDry))
            {
                draft.Note(metric.Path, "is not converted: its condition is on no single value of the answer's JSON (http.value, http.expectJson, docs/checks.md)");
                return false;
            }

            http["value"] = pointer;
        }

        return true;
    }

    [GeneratedRegex(@"^\{?\$((?:\.[A-Za-z0-9_-]+)+)\}?$")]
    private static partial Regex JsonPath();

    [GeneratedRegex("""^\(?result *== *(true|false|'[^']*'|"[^"]*")\)?$""")]
    private static partial Regex Equality();
}
