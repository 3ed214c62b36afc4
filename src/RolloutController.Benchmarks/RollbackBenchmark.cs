using System.Collections.Concurrent;
using System.Globalization;
using RolloutController.Analysis;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks;

/// <summary>From a breach to a route that sends everything to stable again.</summary>
internal static class RollbackBenchmark
{
    private const string Name = "rollback";
    private const double MaxErrorRate = 0.01;
    private static readonly TimeSpan QueryPause = TimeSpan.FromMilliseconds(10);

    public static async Task RunAsync(BenchmarkBed bed, BenchmarkScale scale, ResultTable table, CancellationToken cancellationToken)
    {
        await using var traffic = await bed.StartTrafficAsync(Name, 2000, cancellationToken);
        await bed.DeployAsync(Rollout("v0"), cancellationToken);
        var restored = new ConcurrentQueue<DateTimeOffset>();
        await using var routes = await LiveList.StartAsync(bed.Api, ClusterPath.HttpRoutes(bed.Namespace), cancellationToken, change =>
        {
            if (change.Object.Name() == Name && RouteShares.Percent(change.Object, $"{Name}-canary") == 0)
                restored.Enqueue(DateTimeOffset.UtcNow);
        });

        var (fromVisible, fromSeen) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var trial = 1; trial <= scale.Rollbacks; trial++)
        {
            var version = $"v{trial}";
            await bed.ApplyAsync(Rollout(version), cancellationToken);
            var judged = await bed.UntilAsync(Name, item => item.Number("status.weight") == 5 && item.Number("status.evidence.requests") > 0, "the canary to be judged", cancellationToken);
            restored.Clear();
            traffic.Fail(version, 0.5);
            var visible = await VisibleAsync(bed, judged.Text("status.canaryRevision")!, cancellationToken);
            var after = await bed.UntilAsync(Name, item => item.Text("status.phase") == "RolledBack" && !restored.IsEmpty, "the rollback", cancellationToken);
            restored.TryPeek(out var end);
            fromVisible.Add(end - visible);
            fromSeen.Add(end - DateTimeOffset.Parse(after.Text("status.lastRollback.time")!, CultureInfo.InvariantCulture));
        }

        table.Add("breach visible in Prometheus → route at 100 % stable (interval 1 s)", new Durations(fromVisible).ToString());
        table.Add("breach seen by the controller's own look → route at 100 % stable", new Durations(fromSeen).ToString());
        await bed.RemoveAsync(Name, cancellationToken);
    }

    /// <summary>When Prometheus first answered counts that the product's own test calls a breach.</summary>
    private static async Task<DateTimeOffset> VisibleAsync(BenchmarkBed bed, string revision, CancellationToken cancellationToken)
    {
        var selector = $"namespace=\"{bed.Namespace}\",pod=~\"{Name}-{revision}-.*\"";
        while (true)
        {
            var errors = await bed.Prometheus.QueryAsync($"sum(http_requests_total{{{selector},code=\"500\"}})", cancellationToken) ?? 0;
            var requests = await bed.Prometheus.QueryAsync($"sum(http_requests_total{{{selector}}})", cancellationToken) ?? 0;
            var now = DateTimeOffset.UtcNow;
            var evidence = Evidence.StartingAt(now) with { Sequential = SequentialEvidence.None with { Requests = (long)requests, Errors = (long)errors } };
            if (ErrorRateJudge.Judge(new ErrorRateRule(MaxErrorRate), evidence, new JudgementMoment(100, FirstStep: true, HoldDone: false, PatienceSpent: false)) is Verdict.Fail)
                return now;
            await Task.Delay(QueryPause, cancellationToken);
        }
    }

    private static RolloutBuilder Rollout(string version) => new(Manifests.Template(version, Name))
    {
        Name = Name,
        Service = Name,
        HttpRoutes = [Name],
        Hold = "1h",
        Interval = "1s",
        MaxErrorRate = "1%",
    };
}
