using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Control;

/// <summary>Jobs as checks: one for each step of a trial, found again by its name.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class JobCheckTests
{
    private static readonly RolloutObject Rollout = new() { Metadata = new ObjectMeta { Namespace = "shop", Name = "shop", Uid = "u1" } };
    private static readonly Progressing Step = new(
        "a", "b", new TrafficSpec { Service = "web", Routes = [new RouteReference { Name = "web" }] }, 5, StepStage.Judging, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static readonly CheckSpec Smoke = JsonSerializer.Deserialize(
        """{"name": "smoke", "job": {"template": {"spec": {"containers": [{"name": "smoke", "env": [{"name": "URL", "value": "http://$(ROLLOUT_CANARY_SERVICE)"}]}]}}, "deadline": "5m", "retries": 2}}""",
        ApiJson.Default.CheckSpec)!;

    private readonly FakeKubernetesClient _api = new();

    [Test]
    public async Task A_Job_is_made_that_is_told_what_it_tries()
    {
        Assert.That(await Check().LookAsync(CancellationToken.None), Is.InstanceOf<CheckLook.Pending>());

        var body = _api.Requests.Single(request => request.Verb == "create").Body!;
        Assert.That((int)body["spec"]!["backoffLimit"]!, Is.EqualTo(2));
        Assert.That((long)body["spec"]!["activeDeadlineSeconds"]!, Is.EqualTo(300));
        Assert.That((string)body["metadata"]!["ownerReferences"]![0]!["uid"]!, Is.EqualTo("u1"));
        Assert.That((string)body["spec"]!["template"]!["spec"]!["restartPolicy"]!, Is.EqualTo("Never"));
        Assert.That(
            body["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Select(variable => $"{variable!["name"]}={variable["value"]}"),
            Is.EqualTo(new[] { "ROLLOUT_NAME=shop", "ROLLOUT_REVISION=b", "ROLLOUT_STABLE_REVISION=a", "ROLLOUT_SERVICE=web", "ROLLOUT_CANARY_SERVICE=web-canary", "URL=http://$(ROLLOUT_CANARY_SERVICE)" }),
            "a variable can only name those before it");
    }

    [TestCase("Complete", typeof(CheckLook.Passed), false)]
    [TestCase("Failed", typeof(CheckLook.Failed), true)]
    [TestCase("Suspended", typeof(CheckLook.Pending), true)]
    public async Task Its_end_is_told_and_one_that_succeeded_goes(string condition, Type look, bool isKept)
    {
        _api.Put("jobs", new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = "shop", ["name"] = JobCheck.Name(Rollout, Step, Smoke) },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = condition, ["status"] = "True", ["reason"] = "BackoffLimitExceeded" }) },
        });
        var check = Check();

        Assert.That(await check.LookAsync(CancellationToken.None), Is.InstanceOf(look));
        Assert.That(await check.LookAsync(CancellationToken.None), Is.InstanceOf(look));
        Assert.That(_api.CountOf("create"), Is.Zero);
        Assert.That(_api.Find("jobs", new ObjectKey("shop", JobCheck.Name(Rollout, Step, Smoke))) is not null, Is.EqualTo(isKept));
    }

    [Test]
    public async Task What_ended_before_a_restart_does_not_run_again()
    {
        Assert.That(await Check(new JobCheck.End(Succeeded: true, "it succeeded")).LookAsync(CancellationToken.None), Is.InstanceOf<CheckLook.Passed>());
        Assert.That(_api.Requests, Is.Empty);
    }

    [Test]
    public async Task An_API_that_refuses_needs_a_person()
    {
        _api.OnRequest = _ => throw FakeKubernetesClient.Error(System.Net.HttpStatusCode.Forbidden, message: "jobs is forbidden");
        Assert.That(await Check().LookAsync(CancellationToken.None), Is.InstanceOf<CheckLook.Unknown>().With.Message.Contains("jobs is forbidden"));
    }

    [Test]
    public void Another_step_or_trial_is_another_Job()
    {
        var names = new[] { Step, Step with { Weight = 25 }, Step with { Since = Step.Since.AddMinutes(1) }, Step with { Stage = StepStage.Monitoring }, Step with { Canary = "c" } }
            .Select(step => JobCheck.Name(Rollout, step, Smoke)).ToList();
        Assert.That(names, Is.Unique.And.All.Length.LessThanOrEqualTo(63));
        Assert.That(JobCheck.Name(Rollout, Step with { Approved = true }, Smoke), Is.EqualTo(names[0]));
    }

    private JobCheck Check(JobCheck.End? ended = null) => new(_api, Rollout, Step, Smoke, ended, TimeProvider.System);
}
