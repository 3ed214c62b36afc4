using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>A version whose pods do not become ready gets no traffic at all, and the status tells the causes apart.</summary>
internal sealed class UnreadyVersionTests : RolloutScenario
{
    [TestCase("never-ready", "ProbeFailing", "its readiness probe fails")]
    [TestCase("crash-loop", "CrashLoop", "crashes again and again")]
    [TestCase("image-pull", "ImagePull", "cannot be pulled")]
    [TestCase("unschedulable", "Unschedulable", "Insufficient cpu")]
    public async Task Cause_is_told_once_the_deadline_has_passed(string behaviour, string reason, string message)
    {
        await DeployAsync(Version("v1"));
        var stable = Kubelet.RunningUids();
        var revision = await ShipAsync(Version("v2", (PodAnnotations.Behaviour, behaviour)) with { ProgressDeadline = "4s" });

        var rolledBack = await UntilAtRestAsync("RolledBack");
        Assert.That(rolledBack.Text("status.lastRollback.revision"), Is.EqualTo(revision));
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("pods"));
        Assert.That(rolledBack.Text("status.lastRollback.reason"), Is.EqualTo(reason));
        Assert.That(rolledBack.Text("status.lastRollback.message"), Does.Contain(message).And.Contain("progressDeadline (4s)"));
        Assert.That(rolledBack.Text("status.lastRollback.value"), Is.EqualTo("0 of 1 available"));
        Assert.That(Trace.Weights(), Is.EqualTo([0]));
        Assert.That(Trace.Written().Count(), Is.EqualTo(1), "the route is not written for a version that never had a pod");
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(stable));
    }

    [Test]
    public async Task Pods_that_become_unready_under_traffic_lose_it_at_once()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { Hold = "60s" });
        await UntilJudgedAsync(5);
        Kubelet.Become(PodBehaviour.NeverReady, pod => PodAnnotations.VersionOf(pod) == "v2");

        var rolledBack = await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 0]));
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("pods"));
        Assert.That(rolledBack.Text("status.lastRollback.reason"), Is.EqualTo("NoReadyPods"));
    }
}
