using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Simulation.LawBrokenException;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>
/// Plays the executor and the sampler around the planner: looks when something changed or the clock says so, writes status first, applies
/// effects in order, stops at the first that fails. Everything it remembers is lost in a crash.
/// </summary>
internal sealed class SimulatedController(World world, WorldLaws laws)
{
    private const int MaxPassesAtOneMoment = 40;
    private const int Remembered = 12;
    private readonly List<Snapshot> _past = [];
    private readonly StringBuilder _log = new();
    private Evidence? _evidence;
    private SamplingPlan? _sampling;
    private DateTimeOffset? _wakeAt;
    private DateTimeOffset? _sampledAt;
    private long _seenChanges = -1;

    /// <summary>After so many API calls the process ends, once; null for no crash.</summary>
    public int? CrashAfter { get; set; }

    public string Log => _log.ToString();

    /// <summary>Every stage and every reason that was ever decided.</summary>
    public HashSet<string> Visited { get; } = [];

    /// <summary>Looks until there is nothing left to do at this moment.</summary>
    public void Run()
    {
        Sample();
        for (var pass = 0; !world.IsGone && (_seenChanges != world.Changes || _wakeAt <= world.Now); pass++)
        {
            Unless(pass < MaxPassesAtOneMoment, "I9 no hot loop", $"still busy after {pass} passes at {world.Status.State}");
            Pass(world.Observe(_evidence));
        }
    }

    /// <summary>One pass while a cache shows what was there a while ago; an object that was written since refuses to be overwritten.</summary>
    public void RunStale(Cache lagging, int age)
    {
        if (_past.Count == 0 || world.IsGone)
            return;
        var snapshot = world.Observe(_evidence).With(lagging, _past[Math.Max(0, _past.Count - 1 - age)]);
        var plan = Planner.Decide(snapshot.Observation);
        PlanLaws.Check(snapshot.Observation, plan);
        Note($"stale pass: {Brief(plan.Status.State)}");
        Execute(snapshot, plan);
        _seenChanges = -1;
    }

    private void Pass(Snapshot snapshot)
    {
        var seen = snapshot.Observation;
        _seenChanges = world.Changes;
        _past.Add(snapshot);
        if (_past.Count > Remembered)
            _past.RemoveAt(0);
        var plan = Planner.Decide(seen);
        PlanLaws.Check(seen, plan);
        laws.Check(seen, plan);
        if (plan.Status.State != seen.Status.State)
            Note($"{Brief(plan.Status.State)}: {plan.Status.Message}");
        Visited.Add(Place(plan.Status.State));
        if (plan.Status.State is Progressing { Skip: { } skip })
            Visited.Add($"Skipping {skip}");
        Visited.UnionWith(plan.Status.Conditions.Select(condition => condition.Reason));
        (_wakeAt, _evidence, _sampling) = (plan.WakeAt, plan.Evidence, plan.Sampling);
        if (!Execute(snapshot, plan))
            _seenChanges = -1;
        else if (plan.Effects.Count == 0 && PlanLaws.Same(plan.Status, seen.Status))
            StandsStill(seen, plan);
    }

    /// <summary>Whether everything was applied.</summary>
    private bool Execute(Snapshot snapshot, Plan plan)
    {
        var versions = snapshot.Versions.ToDictionary();
        if (!PlanLaws.Same(plan.Status, snapshot.Observation.Status) && !Call("status", () => world.WriteStatus(plan.Status, versions)))
            return false;
        foreach (var effect in plan.Effects)
        {
            foreach (var call in world.Calls(effect, versions))
            {
                if (!Call(effect.ToString(), call))
                    return false;
            }
        }

        return true;
    }

    private bool Call(string what, Func<bool> call)
    {
        if (CrashAfter is { } left)
        {
            CrashAfter = left - 1;
            if (left <= 0)
            {
                Crash();
                return false;
            }
        }

        var done = call();
        if (what != "status" || !done)
            Note(done ? what : $"{what} conflicts");
        laws.Check();
        return done;
    }

    public void Crash()
    {
        Note("crash");
        CrashAfter = null;
        _past.Clear();
        _evidence = world.Status.Evidence is { } stored ? Evidence.From(stored) : null;
        (_sampling, _sampledAt, _wakeAt, _seenChanges) = (null, null, null, -1);
    }

    private void Sample()
    {
        if (_sampling is not { } sampling)
        {
            _sampledAt = null;
            return;
        }

        _sampledAt ??= world.Now;
        if (world.Now < _sampledAt + sampling.Interval)
            return;
        _evidence = (_evidence ?? Evidence.StartingAt(world.Now)).Add(world.Look(sampling.Revision, world.Now - _sampledAt.Value), ErrorRateRule.DefaultTolerance);
        (_sampledAt, _seenChanges) = (world.Now, -1);
    }

    /// <summary>A world that stands still needs no pass before the wake-up time: neither an effect nor another status.</summary>
    private void StandsStill(Observation seen, Plan plan)
    {
        var until = new[] { plan.WakeAt, _sampling is null ? null : (_sampledAt ?? seen.Now) + _sampling.Interval, seen.Now + TimeSpan.FromHours(1) }.Min()!.Value;
        var later = Planner.Decide(seen with { Now = until - TimeSpan.FromMilliseconds(1), Evidence = plan.Evidence });
        Unless(later.Effects.Count == 0 && PlanLaws.Same(later.Status, plan.Status), "I9 wakes in time",
            $"at {until:O} and not before it would be looked at, and then: {later.Status.State} {later.Status.Message} [{string.Join(", ", later.Effects)}]; now {plan.Status.State} {plan.Status.Message}");
    }

    private static string Place(RolloutState state) => state switch
    {
        Progressing step => $"{step.Stage}",
        RollingBack back => $"RollingBack {back.Stage} {back.Cause}",
        Promoting promoting => $"Promoting {promoting.Stage}",
        _ => state.GetType().Name,
    };

    private static string Brief(RolloutState state) =>
        Regex.Replace($"{state}", "(Traffic = TrafficSpec {[^}]*}, )|(IsRouted = [^,]*, )|(Survivor.*Loser = ., )|(01/01/2026 )|( .00:00)", "");

    private void Note(string what) => _log.Append(CultureInfo.InvariantCulture, $"{world.Now:mm:ss} {what}\n");
}
