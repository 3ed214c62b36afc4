using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.GitOps;

/// <summary>The scripts for Argo CD.</summary>
internal sealed class ArgoCdTests
{
    private const string Folder = "docs/gitops/argocd";

    private static readonly string[] Actions = ["abort", "pause", "promote", "resume", "retry"];

    private static CancellationToken Cancellation => TestContext.CurrentContext.CancellationToken;

    [TestCaseSource(typeof(ReportedStates), nameof(ReportedStates.All))]
    public async Task Health_is_what_the_notes_say(string health, string kstatus, JsonObject rollout) =>
        Assert.That(await HealthAsync(rollout), Is.EqualTo(new[] { health, rollout.Text("status.message") }));

    [Test]
    public async Task A_spec_that_was_not_looked_at_progresses()
    {
        var rollout = ReportedStates.Reported(Rollout(new AtRest("a"), "a", Set("a", 10)));
        rollout["metadata"]!["generation"] = 8;

        Assert.That((await HealthAsync(rollout))[0], Is.EqualTo("Progressing"));
        rollout.Remove("status");
        Assert.That((await HealthAsync(rollout))[0], Is.EqualTo("Progressing"));
    }

    private static IEnumerable<TestCaseData> Offers()
    {
        yield return Case("at rest", "pause", Rollout(new AtRest("a"), "a", Set("a", 10)));
        yield return Case("a step that waits", "abort pause promote", ReportedStates.Waiting);
        yield return Case("a step that is judged", "abort pause", Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)));
        yield return Case("paused at rest", "resume", Rollout(new AtRest("a"), "b", Set("a", 10)).With(spec => spec with { Paused = true }));
        yield return Case("rolled back", "pause retry", Rollout(new AtRest("a"), "b", Set("a", 10)).WithStatus(status => status with { FailedRevision = "b" }));
        yield return Case("going back", "pause", Rollout(new RollingBack("a", "b", Routes, ConclusionStage.Shifting, Now, RollbackCause.Failed), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)));

        static TestCaseData Case(string what, string offered, Observation seen) => new TestCaseData(offered, seen).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Offers))]
    public async Task What_makes_sense_is_offered(string offered, Observation seen)
    {
        var told = await LuaScript.RunAsync("discovery", ReportedStates.Reported(seen), "for name, action in pairs(result) do print(name .. ' ' .. tostring(action.disabled)) end", Cancellation);

        Assert.That(told.Select(line => line.Split(' ')[0]), Is.EquivalentTo(Actions));
        Assert.That(told.Where(line => line.EndsWith("false", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).Order(), Is.EqualTo(offered.Split(' ')));
    }

    [TestCase("promote", "Promote", "b")]
    [TestCase("abort", "Abort", "b")]
    public async Task An_operation_is_carried_out_by_the_planner(string action, string verb, string revision)
    {
        var seen = ReportedStates.Waiting;

        var written = await OperationAsync(action, ReportedStates.Reported(seen));

        Assert.That(written, Is.EqualTo(new[] { "argocd-7", verb, revision }));
        var plan = Planner.Decide(seen with { Spec = seen.Spec with { Operation = new OperationRequest { Id = written[0], Verb = Enum.Parse<OperationVerb>(verb), Revision = revision } } });
        Assert.That(plan.Status.Operation!.Outcome, Is.EqualTo(OperationOutcome.Done), plan.Status.Operation.Message);
    }

    [Test]
    public async Task A_version_that_failed_or_was_undone_is_tried_again()
    {
        var failed = Rollout(new AtRest("a"), "b", Set("a", 10)).WithStatus(status => status with { FailedRevision = "b" });
        var undone = Rollout(new AtRest("a"), "b", Set("a", 10), Set("b", 0)).WithStatus(status => status with { Undo = new UndoneTemplate("b", "a") });

        foreach (var seen in new[] { failed, undone })
            Assert.That(await OperationAsync("retry", ReportedStates.Reported(seen)), Is.EqualTo(new[] { "argocd-7", "Retry", "b" }));
    }

    [TestCase("pause", "true")]
    [TestCase("resume", "false")]
    public async Task Pausing_is_a_field(string action, string paused) => Assert.That(
        await LuaScript.RunAsync(action, ReportedStates.Reported(ReportedStates.Waiting), "print(tostring(result.spec.paused))", Cancellation), Is.EqualTo(new[] { paused }));

    [Test]
    public void The_ConfigMap_has_the_scripts_as_they_are()
    {
        var data = YamlFile.Documents($"{Folder}/argocd-cm.yaml").Single()["data"]!;
        var actions = Yaml.Parse((string)data["resource.customizations.actions.rollouts.dev_Rollout"]!);

        Assert.That((string?)data["resource.customizations.health.rollouts.dev_Rollout"], Is.EqualTo(Script("health")));
        Assert.That((string?)actions["discovery.lua"], Is.EqualTo(Script("discovery")));
        Assert.That(actions.Each("definitions").Select(one => ((string?)one["name"], (string?)one["action.lua"])), Is.EquivalentTo(Actions.Select(name => (name, Script(name)))));

        static string Script(string name) => File.ReadAllText(RepositoryFiles.PathOf($"{Folder}/{name}.lua"));
    }

    private static Task<IReadOnlyList<string>> HealthAsync(JsonObject rollout) => LuaScript.RunAsync("health", rollout, "print(result.status) print(result.message)", Cancellation);

    private static Task<IReadOnlyList<string>> OperationAsync(string action, JsonObject rollout) =>
        LuaScript.RunAsync(action, rollout, "print(result.spec.operation.id) print(result.spec.operation.verb) print(result.spec.operation.revision)", Cancellation);
}
