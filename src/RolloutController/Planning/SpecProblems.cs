using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// What the rules of the schema refuse and the runbooks rest on, said once more: an API server that does not know such rules (before
/// Kubernetes 1.25), or a CRD that lacks them, lets it through.
/// </summary>
internal static class SpecProblems
{
    /// <summary>What is wrong with a spec.</summary>
    public static IEnumerable<Problem> Of(RolloutSpec spec)
    {
        if (Steps(spec) is { } wrong)
            yield return new Problem(EventReason.InvalidSteps, "spec.steps", wrong);
        if (Rates(spec) is { } rate)
            yield return new Problem(EventReason.InvalidRate, "spec.analysis", rate);
    }

    private static string? Steps(RolloutSpec spec)
    {
        var weights = spec.Steps.Select(step => step.Weight).ToList();
        return weights switch
        {
            [] => "write at least one step, such as {weight: 100}",
            _ when weights.Exists(weight => weight is < 0 or > 100) => "write weights from 0 to 100",
            _ when weights.Zip(weights.Skip(1)).Any(pair => pair.First >= pair.Second) => "write the steps with rising weights, such as 5, 25, 50, 100",
            [.., < 100] => "write {weight: 100} as the last step",
            [0, ..] when spec.Traffic is not { Match: not null, Routes.Count: > 0 } =>
                "write traffic.match and traffic.routes for a step with weight 0, for example match: {headers: [{name: X-Canary, value: always}]}: it gives the new version these requests alone",
            _ => null,
        };
    }

    private static string? Rates(RolloutSpec spec)
    {
        if (spec.Analysis is not { } analysis)
            return null;
        try
        {
            if (analysis.ErrorRate is { } rate)
                _ = ErrorRateRule.Of(analysis, rate);
            foreach (var check in analysis.Checks.Where(check => check.IsCounted))
                _ = ErrorRateRule.Of(analysis, check);
            if (spec.Monitor is { ErrorRate.Max: { } max })
                _ = PercentString.Parse(max);
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }
}
