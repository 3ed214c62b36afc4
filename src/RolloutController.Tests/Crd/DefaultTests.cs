using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Crd;

/// <summary>What the API server makes of the shortest Rollouts.</summary>
internal sealed class DefaultTests
{
    [Test]
    [CancelAfter(30_000)]
    public async Task The_API_server_writes_the_defaults(CancellationToken cancellation)
    {
        await using var server = await ApiServer.ConnectAsync(cancellation);
        var rollout = Samples.Named("podsOnly").AsObject();
        var spec = rollout["spec"]!.AsObject();
        spec.Remove("maxSurge");
        spec.Remove("maxUnavailable");
        spec["traffic"] = new JsonObject { ["service"] = "shop" };
        spec["windows"] = new JsonObject { ["open"] = new JsonArray(new JsonObject()) };
        spec["analysis"] = new JsonObject { ["errorRate"] = new JsonObject { ["max"] = "0.5%" } };

        var reply = await server.TryCreateAsync(rollout, cancellation);

        var expected = MergePatch.Apply(spec, JsonNode.Parse("""
            {
              "minReadySeconds": 0, "revisionHistoryLimit": 10, "progressDeadline": "10m", "maxUnavailable": 0,
              "paused": false, "rolloutOn": ["template"], "deletionPolicy": "Restore", "scaleDownDelay": "30s",
              "traffic": {"propagation": "5s"},
              "steps": [
                {"weight": 5, "hold": "60s", "pause": false}, {"weight": 25, "hold": "60s", "pause": false},
                {"weight": 50, "hold": "60s", "pause": false}, {"weight": 100, "hold": "60s", "pause": false}],
              "windows": {"timeZone": "UTC"},
              "analysis": {"interval": "15s", "errorRate": {"sensitivity": "5%", "tolerance": "50%", "onNoData": "Hold"}}
            }
            """));
        Assert.That(JsonNode.DeepEquals(reply.Body["spec"], expected), $"{reply} {reply.Body["spec"]}");
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_template_arrives_intact_and_a_misspelt_field_is_refused(CancellationToken cancellation)
    {
        await using var server = await ApiServer.ConnectAsync(cancellation);
        var rollout = Samples.Named("routed");
        var created = await server.TryCreateAsync(rollout, cancellation);
        Assert.That(JsonNode.DeepEquals(created.Body["spec"]?["template"], rollout["spec"]!["template"]), created.ToString());

        rollout["spec"]!["steps"]![0]!["wieght"] = 5;
        var refused = await server.TryCreateAsync(rollout, cancellation);
        Assert.That(refused.ToString(), Does.Contain("unknown field \"spec.steps[0].wieght\""));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_samples_are_valid(CancellationToken cancellation)
    {
        await using var server = await ApiServer.ConnectAsync(cancellation);
        using (Assert.EnterMultipleScope())
        {
            foreach (var name in Samples.Names)
            {
                var reply = await server.TryCreateAsync(Samples.Named(name), cancellation);
                Assert.That(reply.IsSuccess, $"{name}: {reply}");
            }
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_scale_subresource_reads_status_and_writes_replicas(CancellationToken cancellation)
    {
        await using var server = await ApiServer.ConnectAsync(cancellation);
        var sample = Samples.Named("routed");
        var name = await server.CreateAsync(sample, cancellation);
        var status = new JsonObject { ["status"] = sample["status"]!.DeepClone() };
        var written = await server.SendAsync(HttpMethod.Patch, $"{server.Rollouts}/{name}/status", status, cancellation);
        Assert.That(JsonNode.DeepEquals(written.Body["status"], sample["status"]), written.ToString());

        var scaled = await server.SendAsync(
            HttpMethod.Patch, $"{server.Rollouts}/{name}/scale", JsonNode.Parse("""{"spec": {"replicas": 3}}"""), cancellation);

        var expected = JsonNode.Parse(
            """{"spec": {"replicas": 3}, "status": {"replicas": 11, "selector": "app=shop,tier notin (old)"}}""")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(JsonNode.DeepEquals(scaled.Body["spec"], expected["spec"]), scaled.ToString());
            Assert.That(JsonNode.DeepEquals(scaled.Body["status"], expected["status"]), scaled.ToString());
        }
    }
}
