using System.Globalization;
using System.Net;
using System.Net.Mime;
using System.Text;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Metrics;

namespace RolloutController.Rehearsal.Logs;

/// <summary>
/// A Loki that counts the log lines that a Rollout asks about. Which lines a pipeline picks is not known here, so as many are picked as is said
/// of the check, by its name, among a thousand for each pod. Nothing goes over a network.
/// </summary>
/// <param name="cluster">Where the pods are.</param>
/// <param name="spec">The Rollout, whose checks are the queries that are understood; null for none.</param>
/// <param name="gauges">What is measured of pods, by the name of the check.</param>
internal sealed class SimulatedLoki(EmbeddedCluster cluster, RolloutSpec? spec, PodGauges gauges) : HttpMessageHandler
{
    private const int LinesOfPod = 1000;

    private readonly List<Registered> _checks = [.. (spec?.Analysis?.Checks ?? []).Concat(spec?.Gates ?? [])
        .Where(check => check.Logs is not null).Select(check => new Registered(check, LogQuery.Parse(check.Logs!)))];

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var query = FormParameters.Read(request.RequestUri!.Query.TrimStart('?')).GetValueOrDefault("query", "");
        var pods = cluster.List("pods").Where(pod => pod.IsActive()).ToList();
        var count = _checks.Select(check => check.Count(query, pods, gauges)).FirstOrDefault(found => found is not null)
            ?? throw new HttpRequestException($"No check of the Rollout asks this: {query}");
        var series = count > 0 ? string.Create(CultureInfo.InvariantCulture, $$"""{"metric":{},"value":[{{cluster.Clock.GetUtcNow().ToUnixTimeSeconds()}},"{{count}}"]}""") : "";
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Headers = { Date = cluster.Clock.GetUtcNow() },
            Content = new StringContent($$$"""{"status":"success","data":{"resultType":"vector","result":[{{{series}}}]}}""", Encoding.UTF8, MediaTypeNames.Application.Json),
        });
    }

    private sealed class Registered(CheckSpec check, LogQuery query)
    {
        private readonly SelectorForm _form = new(query.Streams);
        private readonly double _usual = UsualValue.Of(check);

        /// <summary>How many lines a query counts; null where it was not made from this one.</summary>
        public double? Count(string text, IReadOnlyList<StoredObject> pods, PodGauges gauges)
        {
            if (query.Read(text) is not var (streams, picked) || _form.Read("", SeriesMatcher.Of(streams)) is not { } asked)
                return null;
            var named = pods.Where(pod => asked.Matches(new ScrapeSubject.Pod(pod.Namespace, pod.Name, pod.Uid, pod.Revision(), pod.Address() ?? "", 0))).ToList();
            if (named.Count == 0)
                return 0;
            var (all, value) = (LinesOfPod * named.Count, named.Max(pod => gauges(pod).GetValueOrDefault(check.Name, _usual)));
            return !picked ? all : check.Logs!.Value == LogsValue.Percent ? Math.Round(all * value / 100) : Math.Round(value);
        }
    }
}
