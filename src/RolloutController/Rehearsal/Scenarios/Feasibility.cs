using System.Globalization;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>What cannot work, or not as somebody may think, as a Rollout is configured. Pure.</summary>
internal static class Feasibility
{
    /// <summary>Everything that is worth a warning.</summary>
    public static IReadOnlyList<string> Warnings(RolloutSpec spec, RehearsalSettings settings) =>
        [.. OfJudgement(spec), .. OfPods(spec, settings), .. spec.Steps.SelectMany((_, index) => OfStep(spec, index, settings))];

    private static IEnumerable<string> OfJudgement(RolloutSpec spec)
    {
        if (spec.Analysis is { ErrorRate: null, Checks.Count: > 0 })
            yield break;
        if (spec.Analysis?.ErrorRate is not { } rate)
        {
            yield return "spec.analysis.errorRate is left out: pods alone are judged, and a version that is ready but fails its requests is promoted";
            yield break;
        }
        if (rate.MinRequests is not { } asked)
            yield break;
        var max = PercentString.Parse(rate.Max);
        var sound = RequestFloor.For(max, spec.Steps[^1].Weight, firstStep: false, minRequests: null);
        if (asked < sound)
            yield return Text($"spec.analysis.errorRate.minRequests: {asked:N0} requests cannot tell an error rate of {rate.Max} from twice as much; at 50 % and above that takes {sound:N0}");
    }

    private static IEnumerable<string> OfPods(RolloutSpec spec, RehearsalSettings settings)
    {
        if (spec.Traffic is { Routes.Count: > 0 })
            yield break;
        var replicas = Replicas(spec, settings);
        foreach (var (step, index) in spec.Steps.Select((step, index) => (step, index)).Where(pair => pair.step.Weight < 100))
        {
            var real = (int)Math.Round(Share(step, spec, settings));
            if (Math.Abs(real - step.Weight) > 10)
                yield return Text($"spec.steps[{index}].weight: pod counts make the split, and {replicas} pods cannot make {step.Weight} %: it becomes about {real} %; add pods, or a route under spec.traffic.routes");
        }
    }

    private static IEnumerable<string> OfStep(RolloutSpec spec, int index, RehearsalSettings settings)
    {
        var step = spec.Steps[index];
        // Matched requests are as many as people send, and none of them is needed.
        if (spec.Analysis?.ErrorRate is not { } rate || step.Weight == 0)
            yield break;
        if (step.Hold < 2 * settings.ScrapeInterval)
            yield return Text($"spec.steps[{index}].hold: {Duration(step.Hold)} is shorter than two scrapes ({Duration(settings.ScrapeInterval)} each): the step is judged by what one scrape shows");

        var floor = RequestFloor.For(PercentString.Parse(rate.Max), step.Weight, spec.IsFirst(step.Weight), rate.MinRequests);
        var perSecond = settings.RequestsPerSecond * Share(step, spec, settings) / 100;
        var takes = TimeSpan.FromSeconds(Math.Ceiling(floor / perSecond));
        var patience = step.Hold + spec.ProgressDeadline;
        if (takes > patience)
            yield return Text($"spec.steps[{index}]: {floor:N0} requests are needed to judge {step.Weight} % against {rate.Max}, which take {Duration(takes)} at {perSecond:0.##} a second: past its hold and progressDeadline ({Duration(patience)}) the rollout counts as stalled; hold longer, give it more weight or raise the threshold");
        else if (takes > step.Hold)
            yield return Text($"spec.steps[{index}].hold: {floor:N0} requests are needed to judge {step.Weight} %, which take {Duration(takes)} at {perSecond:0.##} a second: the step holds that long, not {Duration(step.Hold)}");
    }

    private static int Replicas(RolloutSpec spec, RehearsalSettings settings) => Math.Max(1, settings.Replicas ?? spec.Replicas ?? 1);

    /// <summary>Percent of the requests that a step sends to the new version: its weight, or what pod counts make of it.</summary>
    private static double Share(StepSpec step, RolloutSpec spec, RehearsalSettings settings) => spec.Traffic is { Routes.Count: > 0 }
        ? step.Weight
        : 100.0 * ReplicaArithmetic.CanaryForWeight(Replicas(spec, settings), step.Weight) / Replicas(spec, settings);

    private static string Duration(TimeSpan time) => GatewayDuration.Format(time);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
