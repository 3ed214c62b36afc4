using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>The runbook while one revision has all the traffic: first deployment, scaling, history, and the start of a rollout.</summary>
internal static class RestPlanner
{
    /// <summary>How long a new Rollout waits for what is applied together with it: objects of one folder or chart arrive one by one, in any order.</summary>
    private static readonly TimeSpan AppliedTogether = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The rollout that was under way when its record was lost, as it is from a restored backup; null where nothing tells of one. Traffic
    /// goes back to where the pin points, and the rollout starts anew.
    /// </summary>
    public static RollingBack? Lost(Observation seen)
    {
        if (seen is not { Rollout.HasFinalizer: true, Traffic: { PinnedTo: { } pinned } traffic })
            return null;
        var loser = seen.Revisions.Select(set => set.Revision).Prepend(traffic.CanarySelects).FirstOrDefault(revision => revision is not null && revision != pinned);
        return new RollingBack(pinned, loser ?? "", seen.Spec.Traffic, ConclusionStage.Pinning, seen.Now, RollbackCause.RecordLost);
    }

    /// <summary>
    /// Nothing is on record. Pods that serve already are what is stable, those of another template than the one asked for first: a
    /// lost status must not cost the version that serves.
    /// </summary>
    public static Decision Begin(Observation seen)
    {
        if (Serving(seen) is { } serving)
            return new Decision(new AtRest(serving.Revision));
        var problem = seen.Problems is [var first, ..] ? first : TemplateProblem(seen);
        return problem is { IsAbsence: true } && (seen.Now - seen.Rollout.CreatedAt).Duration() < AppliedTogether ? Await(seen, problem)
            : problem is not null ? Invalid(seen, new Initial(), problem, [])
            : new Decision(new Deploying(((TemplateView.Accepted)seen.Template).Revision, seen.Now));
    }

    private static Decision Await(Observation seen, Problem absence) => new(new Initial())
    {
        Reason = absence.Reason,
        Message = $"waits for what is applied with it: {absence}",
        WakeAt = seen.Rollout.CreatedAt + AppliedTogether,
    };

    /// <summary>The first revision goes straight to all the traffic; a newer template simply takes its place.</summary>
    public static Decision Deploy(Observation seen, Deploying state)
    {
        if (seen.Problems is [var problem, ..])
            return Invalid(seen, state, problem, []);
        if (seen.Template is not TemplateView.Accepted asked)
            return Invalid(seen, state, TemplateProblem(seen)!, []);
        if (asked.Revision != state.Revision)
            return new Decision(new Deploying(asked.Revision, seen.Now));

        var set = seen.Find(state.Revision);
        if (set is not null && set.Replicas == seen.Replicas && set.SureAvailable >= Enough(seen))
            return new Decision(new AtRest(state.Revision)) { Notices = [new Notice(EventReason.Deployed, $"{state.Revision} is deployed with {Count.Pods(seen.Replicas)}")] };

        // A Deployment that stood still may serve another template than it asks for: what serves is stable, and the rollout starts there.
        if (seen is { Workload: not null, Adoptable: [] } && set is null or { Replicas: 0 } && Serving(seen) is { } serving)
            return new Decision(new AtRest(serving.Revision));

        var deadline = state.Since + seen.Spec.ProgressDeadline;
        var late = seen.Now >= deadline;
        var (effects, waiting) = seen.Workload is not null && (set is null || seen.Adoptable.Count > 0)
            ? TakeOver(seen)
            : (Bring(seen, state.Revision), PodCount(seen, set));
        return new Decision(state)
        {
            Effects = effects,
            Reason = late ? "ProgressDeadlineExceeded" : "Deploying",
            Stalled = late,
            Message = late
                ? $"first deployment: {waiting}; it takes longer than progressDeadline ({GatewayDuration.Format(seen.Spec.ProgressDeadline)}). There is no earlier version to go back to"
                : $"first deployment: {waiting}",
            WakeAt = late ? null : deadline,
        };
    }

    /// <summary>A version without an available pod is not deployed, however many may be missing.</summary>
    public static int Enough(Observation seen) => Math.Max(Math.Min(1, seen.Replicas), SurgeLimits.For(seen.Spec, seen.Replicas).MinAvailable);

    /// <summary>One revision has all the traffic.</summary>
    public static Decision Rest(Observation seen, AtRest state)
    {
        var upkeep = Upkeep(seen, state.Revision);
        var problem = TemplateProblem(seen) ?? (seen.Problems is [var first, ..] ? first : null);
        if (problem is not null)
            return Invalid(seen, state, problem, upkeep);

        var asked = ((TemplateView.Accepted)seen.Template).Revision;
        if (asked == state.Revision)
            return (seen.Status.Undo is { } undo ? Undone(state, undo) : Healthy(seen, state)) with { Effects = upkeep, FailedRevision = "" };
        if (asked == seen.Status.FailedRevision)
            return RolledBack(seen, state) with { Effects = upkeep };
        if (seen.Spec.Paused)
            return Waiting(state, asked) with { Effects = upkeep, FailedRevision = "" };
        if (seen.Replicas == 0)
            return new Decision(new Deploying(asked, seen.Now)) { FailedRevision = "" };
        return RolloutWindows.Awaited(seen, state.Revision) is { } opening
            ? OutsideWindow(state, asked, opening) with { Effects = upkeep, FailedRevision = "" }
            : new Decision(Start(seen, state.Revision, asked))
            {
                FailedRevision = "",
                Notices = [Started(seen, state.Revision, asked)],
                Evidence = Evidence.StartingAt(seen.Now),
            };
    }

    /// <summary>Whether the template asks for a revision that may be started now, and which.</summary>
    public static string? Startable(Observation seen, string stable) =>
        seen.Template is TemplateView.Accepted asked && asked.Revision != stable && asked.Revision != seen.Status.FailedRevision
        && seen.Replicas > 0 && !seen.Spec.Paused && seen.Problems.Count == 0 && seen.Rollout.DeletedAt is null
        && RolloutWindows.Awaited(seen, stable) is null ? asked.Revision : null;

    /// <summary>The state in which a new revision sets out.</summary>
    public static Progressing Start(Observation seen, string stable, string canary) =>
        new(stable, canary, seen.Spec.Traffic, seen.Spec.Steps[0].Weight, Gates.First(seen.Spec), seen.Now);

    /// <summary>The notice that goes with <see cref="Start"/>.</summary>
    public static Notice Started(Observation seen, string stable, string canary) =>
        new(EventReason.RolloutStarted, $"{canary} sets out to replace {stable}: {string.Join(", ", seen.Spec.Steps.Select(step => step.Weight))} %{ConfigState.Change(seen, stable, canary)}");

    /// <summary>A decision that changes nothing but pod counts and says what is wrong.</summary>
    public static Decision Invalid(Observation seen, RolloutState state, Problem problem, IReadOnlyList<Effect> effects) => new(state)
    {
        Phase = Phase.Invalid,
        Reason = problem.Reason,
        Message = problem.ToString(),
        Stalled = true,
        Effects = effects,
        Notices = seen.Status.Phase == Phase.Invalid && seen.Status.Message == problem.ToString()
            ? []
            : [new Notice(problem.Reason, problem.ToString(), Severity.P2)],
    };

    /// <summary>What is wrong with the template; null where the API takes it.</summary>
    public static Problem? TemplateProblem(Observation seen) => (seen.Template as TemplateView.Refused)?.Problem;

    /// <summary>The Deployment stands still first, and its own rolling update is over, before its pods change hands.</summary>
    private static (IReadOnlyList<Effect>, string) TakeOver(Observation seen) => seen switch
    {
        { Workload: { Paused: false, Settled: false } workload } =>
            ([], $"waits for the rolling update of Deployment {workload.Name} to end before it takes the pods over"),
        { Workload: { Paused: false } workload } => ([new Effect.PauseWorkload()], $"pauses Deployment {workload.Name} to take its pods over"),
        { Workload: { Settled: false } workload } => ([], $"waits for Deployment {workload.Name} to stand still"),
        { Adoptable.Count: > 0, Workload: { } workload } => ([.. Adopt(seen)], $"takes over the ReplicaSets of Deployment {workload.Name}"),
        _ => (Bring(seen, ((TemplateView.Accepted)seen.Template).Revision), "deploys the Deployment's template"),
    };

    /// <summary>
    /// All of them, and the one with the pods last: a Deployment without any ReplicaSet that has pods fills the newest that is left, even
    /// while it is paused. kubernetes/pkg/controller/deployment/sync.go, scale
    /// </summary>
    private static IEnumerable<Effect> Adopt(Observation seen) => seen.Adoptable
        .OrderBy(set => set.CreatedAt)
        .Select((set, index) => (Set: set, Number: NextNumber(seen) + index))
        .OrderBy(entry => entry.Set.Footprint)
        .Select(entry => new Effect.AdoptReplicaSet(entry.Set.Name, entry.Number));

    /// <summary>The revision with the most available pods; null where there is none.</summary>
    private static RevisionSet? Serving(Observation seen)
    {
        var asked = (seen.Template as TemplateView.Accepted)?.Revision;
        return seen.Revisions.Where(set => set.SureAvailable > 0).MaxBy(set => (set.Revision != asked, set.SureAvailable));
    }

    private static List<Effect> Bring(Observation seen, string revision)
    {
        var effects = new List<Effect>();
        AddReplicas(seen, effects);
        if (seen.Find(revision) is { } set)
            Scale(effects, set, seen.Replicas);
        else if (seen.Adoptable.Count > 0)
            effects.AddRange(Adopt(seen));
        else
            effects.Add(new Effect.CreateReplicaSet(revision, seen.Replicas, NextNumber(seen)));
        ScaleOthers(seen, effects, revision);
        return effects;
    }

    /// <summary>What keeps a Rollout at rest: pod counts, nothing of ours on what belongs to the user, a bounded history. Weight first, then pods.</summary>
    private static List<Effect> Upkeep(Observation seen, string stable)
    {
        if (seen is { Rollout.HasFinalizer: true, Traffic: { } traffic } && !traffic.Carries(0))
            return [new Effect.SetWeight(0)];
        var effects = Scaling(seen, stable);
        if (seen.Rollout.HasFinalizer && effects.Count == 0 && seen.Revisions.All(set => set.Revision == stable || set.Footprint == 0))
        {
            effects.AddRange(ConclusionPlanner.RemoveTraces(seen));
            effects.Add(new Effect.RemoveFinalizer());
        }

        // A create that was under way when its process was replaced may arrive when all is over. What somebody else made is a problem, which is told.
        if (seen is { Rollout.HasFinalizer: false, Traffic: { CanarySelects: not null } late } && late.Carries(0) && seen.Problems.Count == 0)
            effects.Add(new Effect.DeleteCanaryService());

        var history = seen.Revisions.Where(set => set.Revision != stable && set is { Replicas: 0, Current: 0 } && set.Revision != seen.Status.FailedRevision
            && set.Revision != seen.Status.Undo?.From && set.Revision != seen.Status.Undo?.To);
        effects.AddRange(seen.Unfinished.Where(set => set.Revision != stable).Select(set => new Effect.DeleteReplicaSet(set.Name)));
        effects.AddRange(history.OrderByDescending(set => set.Number).Skip(seen.Spec.RevisionHistoryLimit).Select(set => new Effect.DeleteReplicaSet(set.Name)));
        return effects;
    }

    private static List<Effect> Scaling(Observation seen, string stable)
    {
        var effects = new List<Effect>();
        AddReplicas(seen, effects);
        if (seen.Find(stable) is { } set)
            Scale(effects, set, seen.Replicas);
        else if (seen.Template is TemplateView.Accepted asked && asked.Revision == stable)
            effects.Add(Pods.Begin(seen, stable, seen.Replicas));
        ScaleOthers(seen, effects, stable);
        return effects;
    }

    private static Decision Healthy(Observation seen, AtRest state)
    {
        var set = seen.Find(state.Revision);
        var ready = set?.SureAvailable ?? 0;
        return new Decision(state)
        {
            Phase = Phase.Healthy,
            Reason = "Stable",
            Message = ready >= seen.Replicas
                ? $"{state.Revision} has all the traffic; {Count.Pods(ready)} available"
                : $"{state.Revision} has all the traffic; {PodCount(seen, set)}",
        };
    }

    private static Decision RolledBack(Observation seen, AtRest state) => new(state)
    {
        Phase = Phase.RolledBack,
        Reason = seen.Status.LastRollback?.Reason is { Length: > 0 } reason ? reason : "RolledBack",
        Stalled = true,
        Message = $"{state.Revision} has all the traffic; {seen.Status.FailedRevision} was rolled back: {seen.Status.LastRollback?.Message}. " +
                  "Apply another template, or ask for it again with an operation Retry",
    };

    /// <summary>
    /// As after an abort: whoever waits for the version that was applied, a pipeline or GitOps, has to learn that it does not run and
    /// will not by itself, though everything is as the person wanted it who undid it.
    /// </summary>
    private static Decision Undone(AtRest state, UndoneTemplate undo) => new(state)
    {
        Phase = Phase.RolledBack,
        Reason = "Undone",
        Stalled = true,
        Message = $"{state.Revision} has all the traffic; {undo.From}, which the template asks for, was undone. " +
                  "Apply another template, or ask for it again with an operation Retry",
    };

    private static Decision Waiting(AtRest state, string asked) => new(state)
    {
        Phase = Phase.Paused,
        Reason = "Paused",
        Message = $"{state.Revision} has all the traffic; {asked} waits, because spec.paused is true",
    };

    private static Decision OutsideWindow(AtRest state, string asked, Opening opening) => new(state)
    {
        Phase = Phase.Paused,
        Reason = "OutsideWindow",
        Message = $"{state.Revision} has all the traffic; {asked} waits for the next of spec.windows, which opens {opening.Text}",
        WakeAt = opening.At,
    };

    private static void AddReplicas(Observation seen, List<Effect> effects)
    {
        if (seen.Spec.Replicas is null)
            effects.Add(new Effect.SetReplicas(seen.Replicas));
    }

    private static void ScaleOthers(Observation seen, List<Effect> effects, string revision)
    {
        foreach (var set in seen.Revisions.Where(set => set.Revision != revision))
            Scale(effects, set, 0);
    }

    private static void Scale(List<Effect> effects, RevisionSet set, int replicas)
    {
        if (set.Replicas != replicas)
            effects.Add(new Effect.ScaleReplicaSet(set.Name, replicas));
    }

    private static string PodCount(Observation seen, RevisionSet? set) =>
        $"{set?.SureAvailable ?? 0} of {Count.Pods(seen.Replicas)} available" + (set?.Trouble is { } trouble ? $"; {trouble.Message}" : "");

    /// <summary>The number of the next revision in the history.</summary>
    public static long NextNumber(Observation seen) => seen.Revisions.Select(set => set.Number).DefaultIfEmpty().Max() + 1;
}

/// <summary>Counts in sentences.</summary>
internal static class Count
{
    /// <summary>One pod, two pods.</summary>
    public static string Pods(int count) => count == 1 ? "1 pod" : $"{count} pods";
}
