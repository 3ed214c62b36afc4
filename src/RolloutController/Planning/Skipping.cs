using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// Going on without a pass, because a person takes it on themselves. Analysis, holds and pauses are left out, and who asked for it is written
/// down; pods, endpoints, the gateways' acceptance, <c>spec.paused</c> and windows are waited for all the same.
/// </summary>
internal static class Skipping
{
    private const int LongestWhat = 256;
    private const int LongestBy = 512;

    /// <summary>Lets the step that runs go on.</summary>
    public static (Observation After, string? Refusal) Skip(Observation seen, OperationRequest asked) => seen.Status.State switch
    {
        Progressing { Skip: not null } step when step.Canary == asked.Revision => (seen, null),
        Progressing step when step.Canary == asked.Revision => (With(seen, step with { Skip = SkipScope.Step, Waiver = Add(step.Waiver, Place(step), asked) }), null),
        Promoting promoting when promoting.Canary == asked.Revision => (seen, $"{asked.Revision} is being promoted: there is no step left to skip"),
        _ => (seen, Operations.NotInFlight(seen, asked)),
    };

    /// <summary>Gives a revision all the traffic as soon as its pods can carry it; one that failed or was undone sets out again for it.</summary>
    public static (Observation After, string? Refusal) PromoteFull(Observation seen, OperationRequest asked) => seen.Status.State switch
    {
        Progressing { Skip: SkipScope.Rest } step when step.Canary == asked.Revision => (seen, null),
        Progressing step when step.Canary == asked.Revision => (With(seen, Full(step, asked)), null),
        Promoting promoting when promoting.Canary == asked.Revision => (seen, null),
        AtRest rest when rest.Revision != asked.Revision => Begin(seen, rest, asked),
        RollingBack back when back.Canary == asked.Revision => (seen, $"{asked.Revision} is being taken back; ask again once {back.Stable} is at rest"),
        _ => (seen, Operations.NotInFlight(seen, asked)),
    };

    /// <summary>What is to be known of an operation that left something out, as the end of a sentence.</summary>
    /// <param name="before">The observation before it.</param>
    /// <param name="after">The observation after it.</param>
    public static string Told(Observation before, Observation after) =>
        (after.Status.State as InFlight)?.Waiver is { } waiver && waiver != (before.Status.State as InFlight)?.Waiver ? $"; not judged: {waiver.What}" : "";

    /// <summary>What of the verdict counts.</summary>
    public static Verdict Judge(Progressing step, Verdict judgement) => (step.Skip, judgement) switch
    {
        (null, _) or (SkipScope.Step, Verdict.Fail) => judgement,
        _ => new Verdict.Pass($"{step.Waiver}"),
    };

    /// <summary>The step to go to from one; null where it was the last.</summary>
    public static StepSpec? Next(Observation seen, Progressing step) => step.Skip == SkipScope.Rest
        ? seen.Spec.Steps[^1] is { } last && last.Weight > step.Weight ? last : null
        : seen.Spec.Steps.FirstOrDefault(next => next.Weight > step.Weight);

    /// <summary>What is still skipped once the step is left.</summary>
    public static SkipScope? After(Progressing step) => step.Skip == SkipScope.Rest ? SkipScope.Rest : null;

    private static (Observation, string?) Begin(Observation seen, AtRest rest, OperationRequest asked)
    {
        var (again, _) = Operations.Retry(seen, asked);
        return RestPlanner.Startable(again, rest.Revision) == asked.Revision
            ? (With(again, Full(RestPlanner.Start(again, rest.Revision, asked.Revision), asked)) with { Evidence = Evidence.StartingAt(seen.Now) }, null)
            : (seen, $"{asked.Revision} cannot set out now: {seen.Status.Message}");
    }

    private static Progressing Full(Progressing step, OperationRequest asked) =>
        step with { Skip = SkipScope.Rest, Waiver = Add(step.Waiver, $"everything from {Place(step)} on", asked) };

    private static Waiver Add(Waiver? before, string what, OperationRequest asked) => new(
        StatusBounds.Cut(before is null ? what : $"{before.What}, {what}", LongestWhat),
        StatusBounds.Cut(before is null ? $"{asked}" : $"{before.By}, {asked}", LongestBy));

    private static string Place(Progressing step) =>
        step.IsAtGates ? "the gates" : step.Stage == StepStage.Monitoring ? "the monitoring" : StepPlanner.Share(step.Weight);

    private static Observation With(Observation seen, RolloutState state) => seen with { Status = seen.Status with { State = state } };
}
