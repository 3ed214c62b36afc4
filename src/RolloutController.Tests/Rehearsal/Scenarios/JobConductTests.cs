using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>How the Jobs of checks do in a rehearsal.</summary>
internal sealed class JobConductTests
{
    [Test]
    public void Job_of_which_nothing_is_said_succeeds_after_five_seconds()
    {
        var script = new VersionConduct { Jobs = [new JobConduct("smoke", Succeeds: false, TimeSpan.FromSeconds(20), "login answered 500")] };
        Assert.That(script.JobOf("smoke"), Is.EqualTo(new PodScript { Conduct = PodConduct.Fails, RunsFor = TimeSpan.FromSeconds(20), Log = "login answered 500" }));
        foreach (var check in new[] { "other", null })
            Assert.That(script.JobOf(check), Is.EqualTo(new PodScript { Conduct = PodConduct.Succeeds, RunsFor = TimeSpan.FromSeconds(5) }));
    }

    [Test]
    public void Job_does_as_the_version_does_that_it_is_made_for()
    {
        var canary = "";
        Rehearse(new Scenario { Name = "first", Description = "finds the new revision" }, "", cluster => canary = Revisions(cluster).Last());

        // It is tried again and again from the beginning on, long before there is a new version.
        var scenario = new Scenario
        {
            Name = "job",
            Description = "a Job that fails for the old version",
            Stable = new VersionConduct { Jobs = [new JobConduct("smoke", Succeeds: false)] },
            Canary = new VersionConduct { Jobs = [new JobConduct("smoke", Log: "login answered 200\n")] },
        };
        Rehearse(scenario, Job("other", canary) + Job("smoke", canary), cluster =>
        {
            var (other, smoke) = (cluster.Find("jobs", "default", "other")!.Json, cluster.Find("jobs", "default", "smoke")!.Json);
            Assert.That((other.Is("Complete"), other.Number("status.failed")), Is.EqualTo((true, 0)));
            Assert.That((smoke.Is("Complete"), smoke.Number("status.failed")), Is.EqualTo((true, 9)));
            var last = cluster.List("pods").Single(pod => pod.Json.Label("job-name") == "smoke" && pod.Json.Text("status.phase") == "Succeeded");
            Assert.That(cluster.Logs.Of(last), Is.EqualTo("login answered 200\n"));
        });
    }

    private static void Rehearse(Scenario scenario, string more, Action<EmbeddedCluster> look) =>
        RehearsalRun.Rehearse(Rehearsals.Input(Rehearsals.Shop("steps: [{weight: 50, hold: 15m}, {weight: 100}]") + more), scenario, new RehearsalSettings { RequestsPerSecond = 10 }, look);

    private static IEnumerable<string> Revisions(EmbeddedCluster cluster) =>
        cluster.List("replicasets").OrderBy(set => set.Json.Text("metadata.creationTimestamp")).Select(set => set.Json.Label("pod-template-hash")!);

    private static string Job(string check, string revision) => $$"""

        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: {{check}}}
        spec:
          backoffLimit: 20
          template:
            metadata: {labels: {rollouts.dev/check: {{check}}, rollouts.dev/tried-revision: "{{revision}}" } }
            spec: {restartPolicy: Never, containers: [{name: check, image: "check:1"}]}
        """;
}
