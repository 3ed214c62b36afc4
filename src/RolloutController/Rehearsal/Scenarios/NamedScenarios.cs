using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>The scenarios that everybody wants to see.</summary>
public static class NamedScenarios
{
    /// <summary>The name that stands for all of them.</summary>
    public const string Everything = "all";

    /// <summary>All of them, the good one first.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new() { Name = "good", Description = "a version without fault", Expected = Outcome.Promoted },
        new()
        {
            Name = "errors-at-5", Description = "a version that fails 8 % of its requests from the first on",
            Expected = Outcome.RolledBack, Canary = new() { ErrorRate = 0.08 },
        },
        new()
        {
            Name = "errors-at-50", Description = "a version that fails 4 % of its requests once it gets half of the traffic",
            Expected = Outcome.RolledBack, Canary = new() { ErrorRate = 0.04, FromShare = 0.5 },
        },
        new()
        {
            Name = "slow", Description = "a version that answers one request in a hundred after 12 s, when clients no longer wait",
            Canary = new() { Latency = new Latency(TimeSpan.FromMilliseconds(900), TimeSpan.FromSeconds(12)) },
        },
        new()
        {
            Name = "never-ready", Description = "a version whose readiness probe never succeeds",
            Expected = Outcome.RolledBack, Canary = new() { Pods = new PodScript { Conduct = PodConduct.Unready } },
        },
        new()
        {
            Name = "crash-loop", Description = "a version that crashes as soon as it starts",
            Expected = Outcome.RolledBack, Canary = new() { Pods = new PodScript { Conduct = PodConduct.CrashLoop } },
        },
        new()
        {
            Name = "prometheus-down", Description = "a version without fault, and a Prometheus that does not answer for ten minutes",
            Expected = Outcome.Promoted, PrometheusOutage = new Outage(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10)),
        },
        new()
        {
            Name = "flaky-5-percent", Description = "a version that fails one request in twenty",
            Expected = Outcome.RolledBack, Canary = new() { ErrorRate = 0.05 },
        },
        new()
        {
            Name = "stable-broken", Description = "a fix for a version that fails 30 % of its requests",
            Expected = Outcome.Promoted, Stable = new() { ErrorRate = 0.3 },
        },
        new()
        {
            Name = "superseded", Description = "a version without fault that a third one replaces midway",
            Expected = Outcome.Promoted, SupersededAfter = TimeSpan.FromSeconds(90),
        },
    ];

    /// <summary>The scenario of a name; null where there is none.</summary>
    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
