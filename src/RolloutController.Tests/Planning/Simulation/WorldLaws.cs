using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Simulation.LawBrokenException;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>The laws over what is committed and over time. They keep their own books and take no word of the planner's for it.</summary>
internal sealed class WorldLaws(World world)
{
    private readonly HashSet<int> _stepWeights = [];
    private readonly HashSet<string> _breached = [];
    private readonly HashSet<(OperationVerb Verb, string Revision)> _wanted = [];
    private DateTimeOffset? _carriedSince;
    private int _carried, _highest, _routeWeight;
    private string? _canary, _asked;

    /// <summary>After each API call, and after each second.</summary>
    public void Check()
    {
        _stepWeights.UnionWith(world.Spec.Steps.Select(step => step.Weight));
        Forget();
        if (world.IsGone)
        {
            Gone();
            return;
        }

        var ours = world.Routes.Any(route => route is { Weight: > 0, Foreign: false });
        Unless(world.HasFinalizer || (!ours && world.PinnedTo is null && world.CanarySelects is null), "I12 finalizer", "something of the user's is changed without it");
        Weights();
        Pods();
        if (world.Status.FailedRevision.Length > 0)
            _breached.Add(world.Status.FailedRevision);
    }

    /// <summary>At each decision.</summary>
    public void Check(Observation seen, Plan plan)
    {
        Note(seen);
        if (seen.Status.State is Progressing { Stage: not StepStage.Raising } before && IsRaise(before, plan.Status.State))
            Raises(seen, before);
        if (seen.Status.State is Progressing was && plan.Status.State is Promoting)
            Unless(seen.Spec.Monitor is null || was.Stage == StepStage.Monitoring || IsWanted(was, OperationVerb.PromoteFull), "monitored", $"promoted from {was.Stage}");
        if (plan.Status.State is InFlight flight && IsRaise(seen.Status.State, flight))
            Unless(world.IsOpen || plan.Status.Undo is not null || seen.Find(flight.Stable) is null or { Replicas: > 0, Available: 0 }, "windows", $"{flight} is decided outside them");
        if (plan.Status.Conditions.Any(condition => condition is { Type: "Succeeded", Status: "True" }) && world.IsRouted && plan.Status.State is Concluding)
            Unless(seen.Traffic!.HighestWeight == 0 || world.Routes.Any(route => route.Foreign), "I8 success", "Succeeded while the route still splits");
    }

    private static bool IsRaise(RolloutState before, RolloutState after) => (before, after) switch
    {
        (Progressing, Promoting) => true,
        (Progressing was, Progressing next) => next.Canary == was.Canary && next.Weight > was.Weight,
        (not Progressing, Progressing) => true,
        _ => false,
    };

    /// <summary>A breach is forgotten only where the user asks for something else or for another try, or where the status was lost.</summary>
    private void Forget()
    {
        if (world.Status.State is Initial || _asked != world.Asked || world.Spec.Operation?.Verb is OperationVerb.Retry or OperationVerb.Undo or OperationVerb.PromoteFull)
            _breached.Clear();
        _asked = world.Asked;
    }

    private void Gone()
    {
        Unless(!world.HasFinalizer && world.PinnedTo is null && world.CanarySelects is null, "I12 nothing is left", "a pin or the canary Service is");
        Unless(world.Routes.All(route => route.Weight == 0 || route.Foreign), "I12 nothing is left", "a weight is");
    }

    private void Weights()
    {
        foreach (var route in world.Routes)
            Unless(route.Weight is >= 0 and <= 100, "I1 weight", $"{route.Name} {route.Weight}");
        if (!world.IsRouted)
            return;
        var weight = world.Routes.Max(route => route.Weight);
        var foreign = world.Routes.Any(route => route.Foreign);
        if (world.CanarySelects != _canary)
        {
            Unless(world.CanarySelects is null || weight == 0 || foreign, "I2 never re-pointed under weight", $"{_canary} to {world.CanarySelects} at {weight}");
            (_canary, _highest) = (world.CanarySelects, 0);
        }

        if (weight != _routeWeight && !foreign)
            Steps(weight);
        if (world.Status.State is not Progressing && weight == 0)
            _highest = 0;
        _routeWeight = weight;
        var all = world.Routes.All(route => route.Weight == weight && route.AcceptedVersion == route.Version);
        _carriedSince = !all || foreign ? null : _carried == weight ? _carriedSince ?? world.Now : world.Now;
        _carried = weight;
    }

    private void Steps(int weight)
    {
        Unless(weight == 0 || weight == 100 || _stepWeights.Contains(weight), "I4 only the steps' weights", $"{weight}");
        Unless(weight == 0 || weight >= _highest, "I4 never falls but to 0", $"{_highest} to {weight}");
        Unless(weight <= _highest || _canary is null || !_breached.Contains(_canary), "I3 never up again", $"{_canary} to {weight}");
        _highest = Math.Max(weight, _highest);
    }

    /// <summary>Clients that bypass the route never meet a version that is on trial.</summary>
    private void Pods()
    {
        if (!world.IsRouted || world.Status.State is not InFlight flight || world.DeletedAt is not null || world.ServicesAreForeign)
            return;
        var tried = flight is Promoting ? flight.Stable : flight.Canary;
        var pods = world.Find(tried) is { } set && Math.Max(set.Replicas, set.Pods.Count) > 0;
        Unless(!pods || world.PinnedTo is not null, "pinned first", $"{tried} has pods, and the Service selects them");
        if (flight is Progressing && pods)
            Unless(world.PinnedTo == flight.Stable, "pinned first", $"to {world.PinnedTo} in {flight}");
    }

    /// <summary>Whether a person asked for something of this version while it was on its way.</summary>
    private bool IsWanted(Progressing step, OperationVerb verb) => _wanted.Contains((verb, step.Canary));

    /// <summary>Notes what people ask for, and forgets it when the version is on its way no longer.</summary>
    private void Note(Observation seen)
    {
        if (seen.Spec.Operation is { } asked && asked.Id != seen.Status.Operation?.Id)
            _wanted.Add((asked.Verb, asked.Revision));
        else if (seen.Status.State is not Progressing)
            _wanted.Clear();
    }

    /// <summary>What nobody judges because a person wants it so: it was carried until every proxy knew, and it is not paused.</summary>
    private void Skips(Observation seen, Progressing before)
    {
        Unless(!seen.Spec.Paused, "frozen", "raised while paused");
        if (world.IsRouted && before.IsJudged && before.Drift is null && world.Routes.All(route => !route.Foreign))
            Unless(_carried == before.Weight && world.Now - _carriedSince >= before.Traffic!.Propagation, "I5 propagation", $"{before.Weight} % since {_carriedSince:O}, now {world.Now:O}");
    }

    /// <summary>Hold, and a pass, by our own books: time at the weight, and what the metrics said.</summary>
    private void Raises(Observation seen, Progressing before)
    {
        if (IsWanted(before, OperationVerb.PromoteFull) || (IsWanted(before, OperationVerb.Skip) && (before.Skip is not null || seen.Spec.Operation?.Id != seen.Status.Operation?.Id)))
        {
            Skips(seen, before);
            return;
        }

        var hold = before.Stage == StepStage.Monitoring ? seen.Spec.Monitor?.Duration ?? TimeSpan.Zero : seen.Spec.StepAt(before.Weight).Hold;
        if (world.IsRouted && before.Drift is null && world.Routes.All(route => !route.Foreign))
            Unless(_carried == before.Weight && world.Now - _carriedSince >= hold + before.Traffic!.Propagation, "I5 hold", $"{before.Weight} % since {_carriedSince:O}, now {world.Now:O}");
        Unless(!seen.Spec.Paused, "frozen", "raised while paused");
        if (seen.Spec.Analysis?.ErrorRate is not { } rate)
            return;
        var max = PercentString.Parse(before.Stage == StepStage.Monitoring ? seen.Spec.Monitor?.ErrorRate?.Max ?? rate.Max : rate.Max);
        var evidence = seen.Evidence;
        Unless(evidence is { Class: DataClass.Ok } && evidence.ErrorRate <= max, "I5 pass", $"raised on {evidence}");
        Unless(evidence!.Requests >= RequestFloor.For(max, before.Weight, before.Weight == seen.Spec.Steps[0].Weight, rate.MinRequests), "I5 pass", $"raised on {evidence.Requests} requests");
    }
}
