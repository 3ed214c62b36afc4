using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>
/// An admission webhook of the cluster refuses what the controller writes, or does not answer: the row of <c>docs/operations.md</c>. The API server of custom
/// resources asks no webhooks here, so these are about Services and ReplicaSets; one that refuses the route is in <see cref="Faults.ApiFailureTests"/>.
/// </summary>
internal sealed class WebhookTests : ControllerTest
{
    private AdmissionWebhook? _webhook;

    [SetUp]
    public void NeedsWebhooks()
    {
        if (TestCluster.IsEmbedded)
            Assert.Ignore("The embedded cluster has no admission webhooks.");
    }

    [TearDown]
    public async Task UnregisterAsync()
    {
        if (_webhook is not null)
            await _webhook.DisposeAsync();
    }

    [Test]
    public async Task What_it_refuses_is_told_and_the_rollout_goes_on_once_it_is_allowed()
    {
        var canary = await StartMidwayAsync("replicasets");
        _webhook!.Answer = WebhookAnswer.Refuse;

        await ChangeAsync($"{{spec: {{operation: {{id: '1', verb: Promote, revision: '{canary}'}}}}}}");
        var stalled = await UntilStalledAsync($"admission webhook \"{_webhook.Name}\" denied the request: {AdmissionWebhook.Refusal}");
        Assert.That(await WeightAsync(), Is.EqualTo(25), "both versions serve in the share that they had");
        Assert.That(stalled.Text("status.state.name"), Is.EqualTo("Progressing"));
        Assert.That((await UntilEventAsync("shop", "ReconcileFailed")).Text("message"), Does.Contain(AdmissionWebhook.Refusal));

        _webhook.Answer = WebhookAnswer.Allow;
        Assert.That((await UntilHealthyAsync()).Text("status.stableRevision"), Is.EqualTo(canary));
    }

    [Test]
    public async Task A_rollback_takes_the_traffic_back_whatever_it_refuses_of_Services_and_ReplicaSets()
    {
        await StartMidwayAsync("services", "replicasets");
        _webhook!.Answer = WebhookAnswer.Refuse;

        Kubelet.Become(PodBehaviour.CrashLoop, IsOfV2);
        await UntilStalledAsync(AdmissionWebhook.Refusal);
        Assert.That(await WeightAsync(), Is.Zero, "the route is not what it is asked about");
        Assert.That(_webhook.Asked("replicasets"), Is.Positive);

        _webhook.Answer = WebhookAnswer.Allow;
        await UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "RolledBack", "the rest of the rollback");
        await UntilPodsAsync(("v1", 2));
    }

    [Test]
    public async Task One_that_never_answers_holds_it_up_and_with_failurePolicy_Ignore_does_not()
    {
        await StartMidwayAsync("replicasets");
        await _webhook!.ExpectAsync("Fail", timeoutSeconds: 1, Cancellation);
        _webhook.Answer = WebhookAnswer.Hang;

        Kubelet.Become(PodBehaviour.CrashLoop, IsOfV2);
        await UntilStalledAsync($"failed calling webhook \"{_webhook.Name}\"");
        Assert.That(await WeightAsync(), Is.Zero);

        // As long as a webhook may take where nobody says.
        await _webhook.ExpectAsync("Ignore", timeoutSeconds: 10, Cancellation);
        await UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "RolledBack", "the rest of the rollback");
        Assert.That(_webhook.Answer, Is.EqualTo(WebhookAnswer.Hang));
    }

    /// <summary>A second version that waits for a person at 25 %, and a webhook that is asked about some kinds from now on.</summary>
    /// <returns>The revision of the second version.</returns>
    private async Task<string> StartMidwayAsync(params string[] plurals)
    {
        await DeployAsync(Rollout("v1"));
        await ApplyAsync(Rollout("v2") with { Weights = [25, 100], PauseAt = [25] });
        var waiting = await UntilRolloutAsync(rollout => IsJudgedAt(rollout, 25) && rollout.Text("status.phase") == "Paused", "the step to wait for a person");
        _webhook = await AdmissionWebhook.StartAsync(Api, Namespace, Cancellation, plurals);
        return waiting.Text("status.canaryRevision")!;
    }

    private Task<JsonObject> UntilStalledAsync(string message) => UntilRolloutAsync(
        rollout => rollout.Condition("Stalled") is { } stalled && stalled.Text("status") == "True" && stalled.Text("reason") == "ReconcileFailed"
            && rollout.Text("status.message")!.Contains(message, StringComparison.Ordinal),
        $"it to be stalled with '{message}'");

    /// <summary>The percentage that the route gives the new version.</summary>
    private async Task<double> WeightAsync() => RouteShares.Percent((await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation))!, "shop-canary");

    private static bool IsOfV2(JsonObject pod) => PodAnnotations.VersionOf(pod) == "v2";
}
