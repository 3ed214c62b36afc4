using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>A controller with a lease, as it is installed.</summary>
internal sealed class LeaseTests : ControllerTest
{
    protected override bool ElectsLeader => true;

    private string Lease => ClusterPath.Leases(Namespace, "rollout-controller");

    [Test]
    public async Task Told_to_stop_it_gives_the_lease_back_and_ends_well()
    {
        await UntilAsync(Lease, lease => lease.Text("spec.holderIdentity") is { Length: > 0 }, "a leader");

        Assert.That(await Controller.TerminateAsync(TimeSpan.FromSeconds(30), Cancellation), Is.True);

        Assert.That(Controller.ExitCode, Is.Zero);
        Assert.That((await Api.GetAsync(Lease, Cancellation)).Text("spec.holderIdentity"), Is.Null.Or.Empty);
    }

    [Test]
    public async Task A_leader_that_lost_its_lease_ends_itself_with_an_error_and_can_be_started_anew()
    {
        await UntilAsync(Lease, lease => lease.Text("spec.holderIdentity") is { Length: > 0 }, "a leader");

        await Api.MergeAsync(Lease, "{spec: {holderIdentity: somebody-else}}", Cancellation);

        Assert.That(await Controller.WaitAsync(Cancellation), Is.EqualTo(1), Controller.LogTail());
        await Controller.StartAgainAsync(Cancellation);
        await UntilAsync(Lease, lease => lease.Text("spec.holderIdentity") is { Length: > 0 } holder && holder != "somebody-else", "it to lead again", 60);
    }

    [Test]
    public async Task At_rest_ten_Rollouts_cost_no_request_but_those_for_the_lease()
    {
        foreach (var name in Enumerable.Range(1, 10).Select(number => $"shop{number}"))
        {
            await ApplyAsync(Manifests.Service(name));
            await ApplyAsync(Manifests.HttpRoute(name));
            await ApplyAsync(new RolloutBuilder(Manifests.Template("v1", name)) { Name = name, Service = name, HttpRoutes = [name], Replicas = 1, MaxErrorRate = null });
        }
        await UntilAllAsync(ClusterPath.Rollouts(Namespace), rollouts => rollouts.All(rollout => IsAtRest(rollout) && rollout.Number("status.availableReplicas") == 1), "ten Rollouts at rest", 90);

        // What only informs is written within ten seconds.
        var quiet = await UntilQuietAsync(TimeSpan.FromSeconds(12));
        var leases = await RequestsAsync("kind=\"leases\"");
        var versions = await VersionsAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation);

        Assert.That(await WorkAsync(), Is.EqualTo(quiet));
        Assert.That(await VersionsAsync(), Is.EqualTo(versions));
        Assert.That(await RequestsAsync("kind=\"leases\"") - leases, Is.InRange(1, 15));
    }

    private async Task<string> UntilQuietAsync(TimeSpan length)
    {
        var (requests, since) = ("", DateTimeOffset.MinValue);
        return await WaitFor.StateAsync(
            async _ =>
            {
                var now = await WorkAsync();
                (requests, since) = now == requests ? (requests, since) : (now, DateTimeOffset.UtcNow);
                return requests;
            },
            _ => DateTimeOffset.UtcNow - since >= length, TimeSpan.FromSeconds(90), "no more requests", Cancellation);
    }

    /// <summary>How many requests there were of each kind, but for those of the lease.</summary>
    private async Task<string> WorkAsync() => string.Join('\n', (await ControllerMetrics.ReadAsync(Controller.Url, Cancellation))
        .Series("rest_client_requests_total").Where(sample => !sample.Series.Contains("kind=\"leases\"", StringComparison.Ordinal)).Order());

    private async Task<double> RequestsAsync(params string[] labels) =>
        (await ControllerMetrics.ReadAsync(Controller.Url, Cancellation)).Sum("rest_client_requests_total", labels);

    private async Task<IReadOnlyList<string?>> VersionsAsync() =>
        [.. (await Api.ListAsync(ClusterPath.Rollouts(Namespace), Cancellation)).Select(rollout => rollout.Text("metadata.resourceVersion"))];
}
