using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>How a route splits traffic, as Gateway API defines it: an entry's share is its weight over the sum of its rule's list.</summary>
internal static class RouteShares
{
    /// <summary>The share of each Service in one rule, 0 to 1; all are 0 when the weights sum to 0.</summary>
    public static IReadOnlyDictionary<string, double> Of(JsonObject route, int rule = 0)
    {
        var entries = Entries(route, rule).ToList();
        var sum = entries.Sum(entry => entry.Weight);
        return entries.GroupBy(entry => entry.Service)
            .ToDictionary(group => group.Key, group => sum == 0 ? 0 : (double)group.Sum(entry => entry.Weight) / sum);
    }

    /// <summary>The share of one Service in percent; 0 when the rule does not name it.</summary>
    public static double Percent(JsonObject route, string service, int rule = 0) => Of(route, rule).GetValueOrDefault(service) * 100;

    /// <summary>The entries of one rule; a weight left out is 1.</summary>
    public static IEnumerable<(string Service, long Port, long Weight)> Entries(JsonNode route, int rule) =>
        route.Each($"spec.rules.{rule}.backendRefs").Select(entry => (entry.Text("name")!, entry.Number("port"), entry.At("weight") is null ? 1 : entry.Number("weight")));

    /// <summary>Whether a gateway said of this very generation that it took it; true as well where no gateway says anything.</summary>
    public static bool IsInEffect(JsonObject route) => route.Each("status.parents").All(parent => parent.Each("conditions").Any(condition =>
        condition.Text("type") == "Accepted" && condition.Text("status") == "True" && condition.Number("observedGeneration") >= route.Number("metadata.generation")));
}
