using NUnit.Framework;
using RolloutController.Rehearsal.Hooks;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Cli;

namespace RolloutController.Tests.Rehearsal.Scenarios;

internal sealed class ScenarioFileTests
{
    private string _file = "";

    [SetUp]
    public void MakeFile() => _file = Path.GetTempFileName();

    [TearDown]
    public void RemoveFile() => File.Delete(_file);

    [Test]
    public void Every_field_is_read()
    {
        var scenario = Read("""
            name: monday
            description: a version that is slow to start and fails under load
            expect: RolledBack
            canary: {errorRate: 3.5%, fromWeight: 50, latency: 40ms, latencyP99: 2s, pods: Unready, startUp: 1m30s,
              jobs: [{check: smoke, fails: true, runsFor: 20s, log: login answered 500}, {check: migration}],
              hooks: [{check: approved, verdict: Hold, message: nobody is there, after: 10s, for: 5m}]}
            stable: {errorRate: 0%}
            prometheusDown: {after: 10s, for: 5m}
            supersededAfter: 2m
            """);

        Assert.That(scenario, Is.EqualTo(new Scenario
        {
            Name = "monday",
            Description = "a version that is slow to start and fails under load",
            Expected = Outcome.RolledBack,
            Canary = new VersionConduct
            {
                ErrorRate = 0.035,
                FromShare = 0.5,
                Latency = new Latency(TimeSpan.FromMilliseconds(40), TimeSpan.FromSeconds(2)),
                Pods = scenario.Canary.Pods with { Conduct = PodConduct.Unready, StartUp = TimeSpan.FromSeconds(90) },
                Answers = scenario.Canary.Answers,
                Jobs = scenario.Canary.Jobs,
                Hooks = scenario.Canary.Hooks,
            },
            Stable = scenario.Stable,
            PrometheusOutage = new Outage(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)),
            SupersededAfter = TimeSpan.FromMinutes(2),
        }));
        Assert.That(scenario.Canary.Jobs, Is.EqualTo([new JobConduct("smoke", Succeeds: false, TimeSpan.FromSeconds(20), "login answered 500"), new JobConduct("migration")]));
        Assert.That(scenario.Canary.Hooks, Is.EqualTo([new HookConduct("approved", new HookAnswer(HookVerdict.Hold, "nobody is there"), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5))]));
        Assert.That((scenario.Stable.ErrorRate, scenario.Stable.Latency), Is.EqualTo((0.0, Latency.Usual)));
    }

    [Test]
    public void What_is_left_out_is_as_usual()
    {
        var scenario = Read("prometheusDown: {}");

        Assert.That((scenario.Name, scenario.Expected), Is.EqualTo((Path.GetFileNameWithoutExtension(_file), (Outcome?)null)));
        Assert.That((scenario.PrometheusOutage!.After, scenario.PrometheusOutage.For), Is.EqualTo((TimeSpan.Zero, TimeSpan.FromDays(30))));
    }

    [TestCase("canary: {gauges: {memory: much}}", "canary.gauges.memory: write a number such as 90 or 0.5")]
    [TestCase("canary: {errorrate: 5%}", "canary.errorrate: there is no such field; there are latency, latencyP99, errorRate, errorsAfter, fromWeight, gauges, pods, startUp, answers, jobs, hooks")]
    [TestCase("canary: {errorRate: 0.05}", "canary.errorRate: write a share such as 0.5%")]
    [TestCase("canary: {fromWeight: 101}", "canary.fromWeight: write a number from 0 to 100")]
    [TestCase("canary: {latency: fast}", "canary.latency: write a duration such as 90s or 1m30s")]
    [TestCase("canary: {latency: 1s, latencyP99: 900ms}", "canary.latencyP99: write a longer time than latency")]
    [TestCase("stable: {pods: Dead}", "stable.pods: write one of Ready, Unready, CrashLoop, Restart, ImagePullFailure, Unschedulable")]
    [TestCase("stable: {startUp: [1s]}", "stable.startUp: write a text")]
    [TestCase("canary: bad", "canary: write fields below it")]
    [TestCase("canary: {jobs: [{fails: true}]}", "canary.jobs[0].check: write the name of a check of the Rollout")]
    [TestCase("canary: {jobs: [{check: smoke, fails: often}]}", "canary.jobs[0].fails: write true or false")]
    [TestCase("canary: {hooks: [{verdict: Hold}]}", "canary.hooks[0].check: write the name of a check of the Rollout")]
    [TestCase("canary: {hooks: [{check: a, verdict: wait}]}", "canary.hooks[0].verdict: write one of Proceed, Hold, Rollback")]
    [TestCase("canary: {jobs: [{check: smoke, exitCode: 2}]}", "canary.jobs[0].exitCode: there is no such field; there are check, fails, runsFor, log")]
    [TestCase("expect: fine", "expect: write one of Promoted, RolledBack, Stuck, Invalid")]
    [TestCase("prometheusDown: {since: 5s}", "prometheusDown.since: there is no such field; there are after, for")]
    [TestCase("supersededAfter: 90", "supersededAfter: write a duration such as 90s or 1m30s")]
    [TestCase("color: red", "color: there is no such field; there are prometheusDown, name, description, expect, expectCheck, canary, stable, supersededAfter")]
    [TestCase("- a", "a scenario is one YAML document with fields")]
    [TestCase("a: [b", "line ")]
    public void What_is_wrong_is_said_with_its_field(string text, string message) =>
        Assert.That(() => Read(text), Throws.TypeOf<ManifestException>().With.Message.StartsWith($"{_file}: {message}"));

    [Test]
    public async Task Scenario_of_ones_own_is_rehearsed()
    {
        await File.WriteAllTextAsync(_file, "name: monday\ndescription: a version that fails at a quarter\nexpect: RolledBack\ncanary: {errorRate: 5%, fromWeight: 25}");

        var rehearsed = await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scenario", _file);

        Assert.That(rehearsed.Code, Is.EqualTo(3));
        Assert.That(rehearsed.Output, Does.StartWith("Rollout default/shop, scenario monday: a version that fails at a quarter\n").And.Contain("is rolled back: at 25 %: error rate"));
    }

    private Scenario Read(string text)
    {
        File.WriteAllText(_file, text);
        return ScenarioFile.Read(_file);
    }
}
