using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Hosting.Tracing;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>The traces of a controller that works, as a collector gets them.</summary>
internal sealed class TraceTests : ClusterTest
{
    private OtlpReceiver _collector = null!;
    private ControllerProcess _controller = null!;

    [SetUp]
    public async Task StartAsync()
    {
        await StartKubeletAsync();
        await StartGatewayAsync();
        _collector = Own(await OtlpReceiver.StartAsync(Cancellation));
        _controller = Own(await ControllerProcess.StartInAsync(_collector.Environment, await ClusterSession.AccountAsync(Api, Cancellation), Namespace, Cancellation, "--prometheus", (await SharedPrometheusAsync()).Url.ToString()));
        await ApplyAsync(Manifests.Service("shop", "shop"));
        await ApplyAsync(Manifests.HttpRoute("shop", "shop"));
        await StartTrafficAsync("shop", "shop", requestsPerSecond: 200);
    }

    [Test]
    public async Task A_rollout_is_one_trace_of_its_steps_looks_and_route_writes()
    {
        await ShipAsync("v1");
        await ShipAsync("v2");
        await EndAsync();

        var whole = Spans("rollout").Single();
        Assert.That((whole.ParentId, whole.IsError, whole.Service), Is.EqualTo(("", false, "rollout-controller")));
        Assert.That(whole.Attributes, Does.ContainKey("rollout.outcome").WithValue("Promoted").And.ContainKey("k8s.namespace.name").WithValue(Namespace));
        var stages = _collector.Spans.Where(span => span.ParentId == whole.SpanId).ToList();
        Assert.That(stages.Select(Place), Is.EqualTo(new[] { "Raising 50", "Judging 50", "Raising 100", "Judging 100", "Promoting " }));
        Assert.That(stages.Select(stage => stage.Duration), Is.All.LessThanOrEqualTo(whole.Duration));
        Assert.That(Spans("look").Where(look => look.Attributes["rollout.check"] == "errorRate").Select(ParentOf).Distinct(), Is.SupersetOf(new[] { "Judging 50", "Judging 100" }));
        Assert.That(Spans("SetWeight").Select(ParentOf), Is.SupersetOf(new[] { "Raising 50", "Raising 100", "Promoting " }));
        Assert.That(_collector.Spans.Select(span => span.TraceId).Distinct(), Is.EqualTo(new[] { whole.TraceId }), "nothing but the rollout is traced");

        string ParentOf(OtlpSpan span) => Place(stages.Single(stage => stage.SpanId == span.ParentId));
    }

    [Test]
    public async Task A_process_that_is_started_anew_continues_the_trace()
    {
        await ShipAsync("v1");
        await ApplyAsync((Rollout("v2") with { PauseAt = [50] }).Yaml());
        await UntilAsync(ClusterPath.Rollouts(Namespace, "shop"), rollout => rollout.Text("status.phase") == "Paused", "the step to wait", 60);
        await EndAsync();
        await _controller.StartAgainAsync(Cancellation);
        var revision = (await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation)).Text("status.canaryRevision");
        await Api.MergeAsync(ClusterPath.Rollouts(Namespace, "shop"), $"{{spec: {{operation: {{id: a, verb: Promote, revision: {revision}}}}}}}", Cancellation);
        await UntilRestsAsync();
        await EndAsync();

        Assert.That(Spans("rollout").Select(span => (span.TraceId == Spans("rollout")[0].TraceId, span.Attributes.GetValueOrDefault("rollout.left"), span.Attributes.GetValueOrDefault("rollout.outcome"))), Is.EqualTo(new[]
        {
            (true, "1", null),
            (true, (string?)null, "Promoted"),
        }));
        Assert.That(_collector.Spans.Select(span => span.TraceId).Distinct().Count(), Is.EqualTo(1));
    }

    private static string Place(OtlpSpan span) => $"{span.Name} {span.Attributes.GetValueOrDefault("rollout.step.weight")}";

    private IReadOnlyList<OtlpSpan> Spans(string name) => [.. _collector.Spans.Where(span => span.Name == name)];

    private static RolloutBuilder Rollout(string version) => new(Manifests.Template(version)) { Weights = [50, 100], MinRequests = 20 };

    private async Task ShipAsync(string version)
    {
        await ApplyAsync(Rollout(version).Yaml());
        await UntilRestsAsync();
    }

    private Task<JsonObject> UntilRestsAsync() => UntilAsync(
        ClusterPath.Rollouts(Namespace, "shop"),
        rollout => rollout.Text("status.state.name") == "AtRest" && rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation") && !rollout.Each("metadata.finalizers").Any(),
        "the Rollout to be at rest", 90);

    /// <summary>Ends the process, which sends what it has left.</summary>
    private async Task EndAsync() => Assert.That(await _controller.TerminateAsync(TimeSpan.FromSeconds(45), Cancellation), Is.True, "it ends by itself");
}
