using RolloutController.Api;
using RolloutController.Planning;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Planning;

/// <summary>Observations for tables: revision <c>a</c> is stable, <c>b</c> the canary, ten pods at rest.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly TrafficSpec Routes = new() { Service = "shop", Routes = [new RouteReference { Name = "shop" }] };

    public static readonly RolloutSpec Spec = new() { Replicas = 10, Traffic = Routes };

    public static readonly RolloutSpec CountedSpec = new() { Replicas = 10 };

    /// <summary>The plan, which keeps every law as well.</summary>
    public static Plan Decide(Observation seen)
    {
        var plan = Planner.Decide(seen);
        PlanLaws.Check(seen, plan);
        return plan;
    }

    public static Observation Rollout(RolloutState state, string asked, params RevisionSet[] sets) => new()
    {
        Rollout = new RolloutIdentity("default", "shop", 7, HasFinalizer: state is InFlight { IsRouted: true }),
        Spec = state is InFlight { IsRouted: false } ? CountedSpec : Spec,
        Status = new RolloutStatus { State = state },
        Now = Now,
        Template = new TemplateView.Accepted(asked),
        Revisions = sets,
        Traffic = state is InFlight { IsRouted: false } ? null : TrafficSeen(),
    };

    public static RevisionSet Set(string revision, int replicas, int? available = null, PodTrouble? trouble = null) => new()
    {
        Name = $"shop-{revision}",
        Revision = revision,
        Number = revision[0] - 'a' + 1,
        Replicas = replicas,
        Current = replicas,
        Ready = available ?? replicas,
        Available = available ?? replicas,
        Trouble = trouble,
    };

    /// <summary>The Service, its canary and one route; endpoints are ready pods of the selected revision.</summary>
    public static TrafficView TrafficSeen(string? pinned = null, string? canary = null, int weight = 0, int serviceReady = 10, int canaryReady = 0, string? notAccepted = null) => new()
    {
        PinnedTo = pinned,
        CanarySelects = canary,
        ServiceEndpoints = serviceReady == 0 ? [] : new Dictionary<string, int> { [pinned ?? "a"] = serviceReady },
        CanaryEndpoints = canary is null || canaryReady == 0 ? [] : new Dictionary<string, int> { [canary] = canaryReady },
        Routes = [new RouteView("HTTPRoute shop", weight, weight, Clean: true, notAccepted)],
    };

    public static Progressing Step(int weight, StepStage stage, TimeSpan? ago = null, TrafficSpec? traffic = null) =>
        new("a", "b", traffic ?? Routes, weight, stage, Now - (ago ?? TimeSpan.FromSeconds(10)));

    public static Progressing CountedStep(int weight, StepStage stage, TimeSpan? ago = null) => Step(weight, stage, ago) with { Traffic = null };

    public static Observation With(this Observation seen, TrafficView traffic) => seen with { Traffic = traffic };

    public static Observation With(this Observation seen, Func<RolloutSpec, RolloutSpec> edit) => seen with { Spec = edit(seen.Spec) };

    public static Observation WithStatus(this Observation seen, Func<RolloutStatus, RolloutStatus> edit) => seen with { Status = edit(seen.Status) };

    public static Observation Deleted(this Observation seen, TimeSpan ago) => seen with { Rollout = seen.Rollout with { DeletedAt = Now - ago } };

    public static string Condition(this Plan plan, string type) => plan.Status.Conditions.Single(condition => condition.Type == type).Status;
}
