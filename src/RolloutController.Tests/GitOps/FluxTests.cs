using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.GitOps;

/// <summary>What Flux makes of a Rollout, by the rules of kstatus.</summary>
internal sealed class FluxTests
{
    [TestCaseSource(typeof(ReportedStates), nameof(ReportedStates.All))]
    public void Kstatus_computes_what_the_notes_say(string health, string kstatus, JsonObject rollout) => Assert.That(Kstatus(rollout), Is.EqualTo(kstatus), rollout.Text("status.message"));

    [Test]
    public void A_spec_that_was_not_looked_at_is_in_progress()
    {
        var rollout = ReportedStates.Reported(ReportedStates.Waiting);
        rollout["metadata"]!["generation"] = 8;

        Assert.That(Kstatus(rollout), Is.EqualTo("InProgress"));
    }

    /// <summary>The status of a custom resource. https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md</summary>
    private static string Kstatus(JsonObject item)
    {
        if (item.At("metadata.deletionTimestamp") is not null)
            return "Terminating";
        if (item.Number("status.observedGeneration") != item.Number("metadata.generation"))
            return "InProgress";
        foreach (var condition in item.Each("status.conditions").Where(condition => condition.Text("status") == "True"))
        {
            if (condition.Text("type") == "Reconciling")
                return "InProgress";
            if (condition.Text("type") == "Stalled")
                return "Failed";
        }

        return item.Condition("Ready").Text("status") is null or "True" ? "Current" : "InProgress";
    }
}
