using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>A version that fails requests loses its traffic, and the status says why.</summary>
internal sealed class BadVersionTests : RolloutScenario
{
    [Test]
    public async Task Errors_at_the_first_step_roll_the_version_back_once_and_for_all()
    {
        await DeployAsync(Version("v1"));
        var bad = await ShipAsync(Version("v2", (PodAnnotations.FailPercent, "8")));
        var rolledBack = await UntilAtRestAsync("RolledBack");

        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 0]));
        Assert.That(rolledBack.Text("status.lastRollback.revision"), Is.EqualTo(bad));
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("errorRate"));
        Assert.That(rolledBack.Text("status.lastRollback.reason"), Is.EqualTo("ErrorRateBreached"));
        Assert.That(rolledBack.Text("status.lastRollback.message"), Does.StartWith("at 5 %: error rate "));
        Assert.That(rolledBack.Text("status.lastRollback.value"), Does.EndWith("%"));
        Assert.That(rolledBack.Text("status.lastRollback.threshold"), Is.EqualTo("1 %"));
        var (requests, errors) = (rolledBack.Number("status.lastRollback.requests"), rolledBack.Number("status.lastRollback.errors"));
        Assert.That(errors, Is.InRange(2, Traffic.Of("v2").Errors));
        Assert.That(requests, Is.InRange(errors, Traffic.Of("v2").Requests));
        Assert.That(rolledBack.Text("status.failedRevision"), Is.EqualTo(bad));
        Assert.That(rolledBack.Condition("Succeeded").Text("status"), Is.EqualTo("False"));
        Assert.That(rolledBack.Condition("Stalled").Text("status"), Is.EqualTo("True"));
        Assert.That((await UntilEventAsync("RolledBack")).Text("type"), Is.EqualTo("Warning"));

        await ChangeAsync("{spec: {revisionHistoryLimit: 5}}");
        await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 0]), "a failed version is not tried again by itself");
    }

    [Test]
    public async Task Failed_version_is_tried_again_when_a_person_asks_and_another_one_goes_through()
    {
        await DeployAsync(Version("v1"));
        var bad = await ShipAsync(Version("v2", (PodAnnotations.FailPercent, "8")));
        await UntilAtRestAsync("RolledBack");

        var refused = await OperateAsync("Retry", "another", "first");
        Assert.That(refused.Text("status.operation.outcome"), Is.EqualTo("Refused"));
        Assert.That(refused.Text("status.operation.message"), Does.Contain(bad));
        var retried = await OperateAsync("Retry", bad, "second");
        Assert.That(retried.Text("status.operation.outcome"), Is.EqualTo("Done"));
        await UntilStateAsync("RollingBack");
        await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 0, 5, 0]));

        var good = await ShipAsync(Version("v3"));
        Assert.That((await UntilAtRestAsync("Healthy")).Text("status.stableRevision"), Is.EqualTo(good));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 0, 5, 0, 5, 25, 50, 100, 0]));
    }

    [Test]
    public async Task Errors_that_begin_later_roll_the_version_back_from_there()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { Hold = "3s" });
        await UntilJudgedAsync(50);
        Traffic.Fail("v2", 0.08);

        var rolledBack = await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 0]));
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("errorRate"));
        Assert.That(rolledBack.Text("status.lastRollback.message"), Does.StartWith("at 50 %: "));
    }

    [Test]
    public async Task Neighbour_is_not_touched()
    {
        await DeployAsync(Version("v1"));
        await DeployAsync(Version("v1") with { Name = "mail", Service = "mail", HttpRoutes = ["mail"], Template = Manifests.Template("v1", "mail") });
        var pods = Kubelet.RunningUids(pod => pod.Label("app") == "mail");
        var route = Trace.Written("mail").Count();

        await ShipAsync(Version("v2", (PodAnnotations.FailPercent, "8")));
        await UntilAtRestAsync("RolledBack");
        await UntilAtRestAsync("Healthy", "mail");
        Assert.That(Trace.Written("mail").Count(), Is.EqualTo(route));
        Assert.That(Trace.Services.Versions("mail"), Has.Count.EqualTo(1));
        Assert.That(Kubelet.RunningUids(pod => pod.Label("app") == "mail"), Is.EquivalentTo(pods));
    }
}
