using NUnit.Framework;
using RolloutController.Rehearsal.Hooks;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>Rollouts that ask somebody outside: whom the operator set up to approve, and where logs are counted.</summary>
internal sealed class OutsideTests
{
    private const string Logs = """
        analysis:
          interval: 15s
          checks:
            - name: errors
              critical: {above: 5}
              logs: {provider: loki, streams: '{namespace="$namespace",pod=~"$pods"}', lines: '|= "ERROR"', value: Percent}
        steps: [{weight: 50}, {weight: 100}]
        """;

    private const string Hook = """
        gates: [{name: approved, interval: 10s, hook: {name: approvals, parameters: {team: shop}}}]
        analysis:
          interval: 15s
          checks: [{name: business, hook: {name: revenue}}]
        steps: [{weight: 50}, {weight: 100}]
        """;

    [Test]
    public void Version_that_logs_no_more_errors_than_it_may_goes_through() => Expect(Logs, new VersionConduct(), Outcome.Promoted, null);

    [Test]
    public void Version_that_logs_errors_is_rolled_back()
    {
        var result = Expect(Logs, new VersionConduct { Gauges = new Dictionary<string, Func<TimeSpan, double>> { ["errors"] = _ => 12 } }, Outcome.RolledBack, "errors");
        Assert.That(result.Message, Does.Contain("of 1000 log lines are picked").Or.Contain("log lines are picked, at most 5 is fine"));
    }

    [Test]
    public void Approved_version_goes_through()
    {
        var result = Expect(Hook, new VersionConduct { Hooks = [Answer("approved", HookVerdict.Hold, TimeSpan.Zero, TimeSpan.FromMinutes(20))] }, Outcome.Promoted, null);
        Assert.That(result.Duration, Is.InRange(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(25)), "it waits for as long as it is held");
    }

    [Test]
    public void Version_that_is_never_approved_gets_no_request()
    {
        var result = Expect(Hook, new VersionConduct { Hooks = [Answer("approved", HookVerdict.Hold)] }, Outcome.Stuck, null);
        Assert.That(result.Requests.ToNew, Is.Zero);
        Assert.That(result.Message, Does.Contain("hook approvals holds it: no"));
    }

    [Test]
    public void Endpoint_can_ask_for_a_rollback_midway() =>
        Expect(Hook, new VersionConduct { Hooks = [Answer("business", HookVerdict.Rollback, TimeSpan.FromSeconds(40))] }, Outcome.RolledBack, "business");

    private static HookConduct Answer(string check, HookVerdict verdict, TimeSpan after = default, TimeSpan? length = null) => new(check, new HookAnswer(verdict, "no"), after, length);

    private static RehearsalResult Expect(string fields, VersionConduct canary, Outcome outcome, string? check)
    {
        var result = RehearsalRun.Rehearse(
            Rehearsals.Input(Rehearsals.Shop(fields)), new Scenario { Name = "outside", Description = "somebody outside is asked", Canary = canary }, new RehearsalSettings { RequestsPerSecond = 10 });
        Assert.That((result.Outcome, result.FailedCheck), Is.EqualTo((outcome, check)), result.Message);
        return result;
    }
}
