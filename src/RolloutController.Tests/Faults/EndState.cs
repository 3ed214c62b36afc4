using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Faults;

/// <summary>What is left in the end, without what differs from run to run: uids, versions, times and generated names.</summary>
internal sealed class EndState
{
    private static readonly string[] Kinds = ["rollouts", "replicasets", "services", "httproutes", "deployments", "pods"];
    private static readonly string[] Masked = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"];

    private readonly SortedDictionary<string, string> _objects = new(StringComparer.Ordinal);

    /// <summary>The revision that failed last; empty for none.</summary>
    public string Failed { get; private init; } = "";

    /// <summary>What became of each version, and what of it nobody judged, the newest first.</summary>
    public IReadOnlyList<string> History { get; private init; } = [];

    /// <summary>The objects, in the order of their names.</summary>
    public IEnumerable<string> Names => _objects.Keys;

    /// <summary>What is left in a cluster.</summary>
    public static EndState Of(EmbeddedCluster cluster)
    {
        var status = cluster.List("rollouts", "default").Select(rollout => rollout.Json["status"]).FirstOrDefault();
        var state = new EndState
        {
            Failed = (string?)status?["failedRevision"] ?? "",
            History = [.. (status?["history"]?.AsArray() ?? []).Select(one => $"{one!["revision"]} {one["outcome"]}{Unjudged((string?)one["message"])}")],
        };
        foreach (var item in Kinds.SelectMany(plural => cluster.List(plural, "default")))
        {
            var (name, what) = item.Plural switch
            {
                "rollouts" => ($"rollout {item.Name}", Rollout(item.Json)),
                "replicasets" => ($"replicaset {Image(item.Json["spec"]!["template"]!)}", Set(item.Json)),
                "pods" => ($"pod of {Image(item.Json)} {state._objects.Keys.Count(key => key.StartsWith($"pod of {Image(item.Json)} ", StringComparison.Ordinal))}", Pod(item.Json)),
                _ => ($"{item.Plural} {item.Name}", Plain(item.Json)),
            };
            state._objects[name] = what;
        }
        return state;
    }

    /// <summary>In what another end differs from this one.</summary>
    public IReadOnlyList<string> Differences(EndState other) =>
    [
        .. _objects.Where(one => !other._objects.ContainsKey(one.Key)).Select(one => $"in the end there is no {one.Key}"),
        .. other._objects.Where(one => !_objects.ContainsKey(one.Key)).Select(one => $"in the end there is also {one.Key}: {one.Value}"),
        .. _objects.Where(one => other._objects.TryGetValue(one.Key, out var now) && now != one.Value).SelectMany(one => Members(one.Key, one.Value, other._objects[one.Key])),
    ];

    /// <summary>In what an object differs: by its members, where it has any.</summary>
    private static IEnumerable<string> Members(string name, string golden, string now)
    {
        if (!golden.StartsWith('{') || !now.StartsWith('{'))
            return [$"in the end {name} is {now} and not {golden}"];
        var (one, other) = (JsonNode.Parse(golden)!.AsObject(), JsonNode.Parse(now)!.AsObject());
        return one.Select(member => member.Key).Union(other.Select(member => member.Key)).Where(key => !JsonNode.DeepEquals(one[key], other[key]))
            .Select(key => $"in the end {name} has {key} {other[key]?.ToJsonString()} and not {one[key]?.ToJsonString()}");
    }

    private static string Unjudged(string? message) => message?.IndexOf("; not judged:", StringComparison.Ordinal) is >= 0 and var at ? message[at..] : "";

    private static string Plain(JsonObject item)
    {
        var copy = item.DeepClone().AsObject();
        foreach (var field in Masked)
            copy["metadata"]!.AsObject().Remove(field);
        if (copy["metadata"]!["ownerReferences"] is JsonArray owners)
            copy["metadata"]!["ownerReferences"] = Owners(owners);
        copy["spec"]!.AsObject().Remove("clusterIP");
        copy["spec"]!.AsObject().Remove("clusterIPs");
        copy.Remove("status");
        return copy.ToJsonString();
    }

    private static JsonArray Owners(JsonArray owners) => [.. owners.Select(owner => (JsonNode)$"{owner!["kind"]} {owner["name"]} {owner["controller"]}")];

    private static string Rollout(JsonObject rollout)
    {
        var status = rollout["status"]!;
        return new JsonObject
        {
            ["finalizers"] = rollout["metadata"]!["finalizers"]?.DeepClone(),
            ["spec"] = rollout["spec"]!.DeepClone(),
            ["phase"] = status["phase"]?.DeepClone(),
            ["state"] = status["state"]?.DeepClone(),
            ["stable"] = status["stableRevision"]?.DeepClone(),
            ["canary"] = status["canaryRevision"]?.DeepClone(),
            ["weight"] = status["weight"]?.DeepClone(),
            ["failed"] = status["failedRevision"]?.DeepClone(),
            ["check"] = status["lastRollback"]?["check"]?.DeepClone(),
            ["undo"] = status["undo"]?.DeepClone(),
            ["operation"] = status["operation"]?["outcome"]?.DeepClone(),
            ["replicas"] = status["replicas"]?.DeepClone(),
            ["available"] = status["availableReplicas"]?.DeepClone(),
            ["conditions"] = new JsonArray([.. status["conditions"]!.AsArray().Select(one => (JsonNode)$"{one!["type"]} {one["status"]} {Reason((string?)one["reason"])}").Order(Comparer<JsonNode>.Create((one, two) => string.CompareOrdinal(one.ToString(), two.ToString())))]),
        }.ToJsonString();
    }

    /// <summary>Of two bets against the error rate either may be won first: that depends on when it was looked at.</summary>
    private static string? Reason(string? reason) => reason == "ErrorRateAboveStable" ? "ErrorRateBreached" : reason;

    private static string Set(JsonObject set) => new JsonObject
    {
        ["replicas"] = set["spec"]!["replicas"]!.DeepClone(),
        ["available"] = set["status"]?["availableReplicas"]?.DeepClone(),
        ["owners"] = Owners(set["metadata"]!["ownerReferences"]?.AsArray() ?? []),
        ["labels"] = set["metadata"]!["labels"]?.DeepClone(),
        ["number"] = set["metadata"]!["annotations"]?["rollouts.dev/revision"]?.DeepClone(),
    }.ToJsonString();

    private static string Pod(JsonObject pod) => $"{pod["status"]!["phase"]} {pod["metadata"]!["deletionTimestamp"]}";

    private static string Image(JsonNode pod) => (string)pod["spec"]!["containers"]![0]!["image"]!;
}
