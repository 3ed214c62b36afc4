using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>What operators see of a controller that works.</summary>
internal sealed class EndpointTests : ControllerTest
{
    [Test]
    public async Task Metrics_tell_of_a_rollout_in_the_form_that_Prometheus_takes()
    {
        var rollout = Rollout("v1") with { Weights = [50, 100] };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);
        var midway = await ControllerMetrics.ReadAsync(Controller.Url, Cancellation);
        await UntilHealthyAsync();

        var metrics = await ControllerMetrics.ReadAsync(Controller.Url, Cancellation);

        string[] ours = [$"namespace=\"{Namespace}\"", "\"shop\""];
        Assert.That(midway.Sum("rollout_traffic_weight_percent", ours), Is.EqualTo(50));
        Assert.That(midway.Sum("rollout_status_phase", [.. ours, "phase=\"Progressing\""]), Is.EqualTo(1));
        Assert.That(metrics.Sum("rollout_traffic_weight_percent", ours), Is.EqualTo(100));
        Assert.That(metrics.Sum("rollout_status_phase", [.. ours, "phase=\"Healthy\""]), Is.EqualTo(1));
        Assert.That(metrics.Sum("rollout_status_phase", ours), Is.EqualTo(1), "a Rollout is in one phase");
        Assert.That(metrics.Text, Does.Contain("rollout_promotions_total 1\n"));
        Assert.That(midway.Sum("rollout_started_timestamp_seconds", ours), Is.GreaterThan(0));
        Assert.That(metrics.Series("rollout_started_timestamp_seconds", ours), Is.Empty, "nothing is under way");
        Assert.That(metrics.Sum("rollout_info", [.. ours, "split=\"routes\"", "workload=\"template\"", "analysis=\"none\""]), Is.EqualTo(1));
        Assert.That(metrics.Sum("rollout_replicas", [.. ours, "state=\"ready\""]), Is.EqualTo(metrics.Sum("rollout_replicas", [.. ours, "state=\"desired\""])).And.GreaterThan(0));
        Assert.That(metrics.Sum("rollout_stalled", ours), Is.Zero);
        Assert.That(metrics.Sum("rollout_duration_seconds_count", "outcome=\"Promoted\""), Is.EqualTo(1));
        Assert.That(metrics.Sum("rollout_stage_duration_seconds_count", "stage=\"Judging\"", "outcome=\"Passed\""), Is.EqualTo(2));
        Assert.That(metrics.Sum("controller_runtime_reconcile_total", "result=\"error\""), Is.Zero);
        await CheckAsync(metrics.Text);

        await Api.DeleteAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        await WaitFor.StateAsync(
            token => ControllerMetrics.ReadAsync(Controller.Url, token), after => !after.Series("rollout_status_phase", ours).Any(),
            TimeSpan.FromSeconds(30), "the series of a Rollout to go with it", Cancellation);
    }

    [Test]
    public async Task Details_name_what_is_looked_after()
    {
        await DeployAsync(Rollout("v1"));
        using var http = new HttpClient();

        var details = JsonNode.Parse(await http.GetStringAsync(new Uri(Controller.Url, "/health/detailed"), Cancellation));

        Assert.That(details.Flag("live"), Is.True);
        Assert.That(details.Flag("ready"), Is.True);
        Assert.That(details.Text("details.rollouts"), Is.EqualTo("1"));
        Assert.That(details.Text("details.namespaces"), Is.EqualTo(Namespace));
        Assert.That(details.Each("readyChecks").Select(check => check.Text("name")), Does.Contain("Rollout").And.Contain("ReplicaSet").And.Contain("HTTPRoute"));
        Assert.That(details.Each("readyChecks").Select(check => check.Flag("ok")), Is.All.True);
    }

    private async Task CheckAsync(string metrics)
    {
        if (ChildProcess.Find("promtool") is not { } promtool)
        {
            Assert.Ignore("promtool is not on PATH; install Prometheus to run this test.");
            return;
        }
        var file = Path.Combine(Path.GetTempPath(), $"rollout-metrics-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(file, metrics, Cancellation);
        await using var check = ChildProcess.Start("sh", ["-c", $"exec {promtool} check metrics < {file}"], file + ".log");
        Assert.That(await check.WaitAsync(Cancellation), Is.Zero, check.ReadLog());
        Assert.That(check.ReadLog(), Is.Empty);
        File.Delete(file);
        File.Delete(check.LogFile);
    }
}
