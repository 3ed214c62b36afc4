using System.Globalization;
using System.Numerics;

namespace RolloutController.Traffic;

/// <summary>What in a rule stands against a split, told to the person who can change it.</summary>
internal static class RouteProblems
{
    /// <summary>The problems of one rule with the weights that are asked for.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="asked">The weights that must come out whole, 1 to 100.</param>
    /// <param name="steps">The weights that a remedy is to serve: all the steps of the Rollout.</param>
    public static IEnumerable<string> Of(RouteRule rule, IReadOnlyList<int> asked, IReadOnlyList<int> steps)
    {
        var live = rule.Splits.Select(rule.RestWeight).Where(weight => weight > 0).ToList();
        if (live.Count == 0)
            yield break;

        var entries = rule.At(100).Count;
        if (entries > BackendRef.MaxEntries)
            yield return $"{rule} would have {entries} backendRefs with the canary's beside them, and the API takes {BackendRef.MaxEntries}: "
                + "split the rule into two with narrower matches.";

        if (!rule.IsShared && live.Max() > RouteRule.MaxUnsharedWeight)
            yield return $"{rule} ({rule.RestWeights()}): a weight is multiplied by 100 while a rollout runs, and the API takes 1000000 at most: "
                + (live.Count == 1 ? "write weight 1; for the only backend of a rule it means the same." : "write smaller weights in the same proportion, 10000 at most.");

        if (rule.IsShared && Misfit(live, asked) is { } misfit)
            yield return $"{rule} ({rule.RestWeights()}): {misfit.Percent} % of weight {misfit.Weight} is {Percentage(misfit)}, and weights are whole numbers: "
                + Remedy(rule, live, [.. steps.Union(asked)]);
    }

    private static (int Weight, int Percent)? Misfit(IEnumerable<int> live, IReadOnlyList<int> percents) =>
        live.SelectMany(weight => percents.Select(percent => ((int, int)?)(weight, percent)))
            .FirstOrDefault(pair => pair is var (weight, percent) && Denominator(weight, percent) > 1);

    private static string Percentage((int Weight, int Percent) of) =>
        ((decimal)of.Weight * of.Percent / 100).ToString(CultureInfo.InvariantCulture);

    private static string Remedy(RouteRule rule, IReadOnlyList<int> live, IReadOnlyList<int> percents)
    {
        var factor = LeastCommonMultiple(live.SelectMany(weight => percents.Select(percent => Denominator(weight, percent))));
        if (rule.LargestRestWeight <= BackendRef.MaxWeight / factor)
            return $"multiply every weight of the rule by {factor} ({rule.RestWeights(factor)}).";

        var unit = LeastCommonMultiple(percents.Select(percent => Denominator(1, percent)));
        return $"write weights of which the Service's is a multiple of {unit}, 1000000 at most.";
    }

    /// <summary>The denominator of weight · percent / 100 in lowest terms; 1 where the percentage is whole.</summary>
    private static int Denominator(int weight, int percent) =>
        100 / (int)BigInteger.GreatestCommonDivisor(100, (long)weight * percent);

    private static int LeastCommonMultiple(IEnumerable<int> numbers) =>
        numbers.Aggregate(1, (multiple, number) => multiple / (int)BigInteger.GreatestCommonDivisor(multiple, number) * number);
}
