using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Fuzzing.Specs;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Fuzzing.Neighbours;

/// <summary>
/// A spec that was changed and changed back, at any moment, comes to the same objects as one that was never anything else (row 49 of the faults).
/// What tells of the past is meant to differ: ReplicaSets without pods, which are the history that can be gone back to, the numbers in that
/// history, Jobs of checks, which are kept for a day so that their logs can be read, and the status.
/// </summary>
internal sealed class ThereAndBackTests
{
    private const string Namespace = "fuzz";
    private const int MostReplicas = 12;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(25);

    private static readonly string[] Kinds = ["rollouts", "services", "httproutes", "grpcroutes", "deployments", "replicasets", "pods", "configmaps", "secrets"];

    // What waits for a person or for somebody else's answer may wait for ever, so nothing can be said of its end.
    private static readonly string[] Waiting = ["metadata", "status", "unknown", "spec.paused", "spec.windows", "spec.operation", "spec.gates", "spec.analysis.checks", "spec.analysis.provider", "spec.steps[].pause", "spec.selector", "spec.workloadRef"];

    private static readonly Arbitrary<(FuzzedRollout A, FuzzedRollout B, int Seconds)> Pairs = Arb.From(
        from sample in Gen.Elements("podsOnly", "matched", "counted", "adopted", "podsOnly")
        from changes in Gen.ArrayOf(Gen.Elements(FuzzedRollout.AcceptedChangesOf(sample).Where(change => !Waiting.Any(path => change.Path.StartsWith(path, StringComparison.Ordinal))).ToArray()), 6)
        from seconds in Gen.Elements(1, 4, 20, 45, 100, 240, 1800)
        select (new FuzzedRollout(sample, changes[..3]), new FuzzedRollout(sample, changes[3..]), seconds),
        Fewer);

    private int _compared;

    [Test]
    public void What_was_changed_and_changed_back_is_as_if_it_had_never_been()
    {
        Fuzz.Check(Pairs, 30, pair => Play(pair.A, pair.B, TimeSpan.FromSeconds(pair.Seconds)));
        Assert.That(_compared, Is.GreaterThan(8), "pairs that the API took, and that came to an end");
    }

    private void Play(FuzzedRollout a, FuzzedRollout b, TimeSpan between)
    {
        var (fresh, returned) = (Snapshot(a, null, between), Snapshot(a, b, between));
        if (fresh is null || returned is null)
            return;
        _compared++;
        LawBrokenException.Unless(
            fresh.SequenceEqual(returned), "A, B and A again is A",
            $"\nA: {a}\nB: {b}\nafter {between}\nonly in A:\n{string.Join("\n", fresh.Except(returned))}\nonly after B:\n{string.Join("\n", returned.Except(fresh))}");
    }

    /// <summary>What there is in the end; null where the API refuses something, or the version of A is rolled back, as its spec asks for.</summary>
    private static List<string>? Snapshot(FuzzedRollout a, FuzzedRollout? b, TimeSpan between)
    {
        List<string>? snapshot = null;
        Neighbourhood.Play(1, async neighbourhood =>
        {
            neighbourhood.Settle(Namespace, a.Sample == "adopted");
            await neighbourhood.PassAsync(TimeSpan.FromMinutes(1));
            if (Json(a) is not { } first || neighbourhood.TryCreate(Namespace, first.DeepClone().AsObject()) is not { } name)
                return;
            await neighbourhood.PassAsync(Long);
            if (b is not null)
            {
                if (Json(b) is not { } second || !TryChange(neighbourhood, name, second, "shop:b"))
                    return;
                await neighbourhood.PassAsync(between);
                if (!TryChange(neighbourhood, name, first, null))
                    return;
                await neighbourhood.PassAsync(Long + Long);
            }

            var rollout = neighbourhood.Cluster.Find("rollouts", Namespace, name)!.Json;
            if (rollout.Text("status.phase") == "Healthy")
                snapshot = [.. Kinds.SelectMany(kind => neighbourhood.Cluster.List(kind, Namespace).Where(IsMeant).Select(item => $"{kind} {Written(item)}")).Order(StringComparer.Ordinal)];
        }, isCalm: true);
        return snapshot;
    }

    private static JsonObject? Json(FuzzedRollout rollout)
    {
        var json = rollout.Json("fuzz");
        if (json["spec"] is not JsonObject spec)
            return null;
        if (spec["replicas"] is JsonValue replicas && replicas.TryGetValue<long>(out var count) && count > MostReplicas)
            spec["replicas"] = MostReplicas;
        return json;
    }

    /// <summary>Gives the Rollout another spec, and its pods another image; null for the one that they had.</summary>
    private static bool TryChange(Neighbourhood neighbourhood, string name, JsonObject next, string? image)
    {
        try
        {
            var spec = next["spec"]!.DeepClone();
            if (image is not null && spec["template"]?["spec"]?["containers"]?[0] is JsonObject container)
                container["image"] = image;
            neighbourhood.Cluster.Change("rollouts", Namespace, name, rollout => rollout["spec"] = spec);
            if (neighbourhood.Cluster.Find("deployments", Namespace, "shop") is not null)
                neighbourhood.Cluster.Change("deployments", Namespace, "shop", deployment => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image ?? "shop:1.0.0");
            return true;
        }
        catch (ApiFailure)
        {
            return false;
        }
    }

    private static bool IsMeant(StoredObject item) => item.Plural switch
    {
        "replicasets" => item.Json.Number("spec.replicas") > 0,
        "pods" => item.Json["metadata"]!["labels"]?["rollouts.dev/check"] is null,
        _ => true,
    };

    private static string Written(StoredObject item)
    {
        var json = item.Json.DeepClone().AsObject();
        var metadata = json["metadata"]!.AsObject();
        json.Remove("status");
        foreach (var name in (string[])["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"])
            metadata.Remove(name);
        if (item.Plural == "pods")
            metadata.Remove("name");
        foreach (var owner in metadata["ownerReferences"] as JsonArray ?? [])
            owner!.AsObject().Remove("uid");
        var annotations = metadata["annotations"] as JsonObject ?? [];
        annotations.Remove("rollouts.dev/revision");
        annotations.Remove("deployment.kubernetes.io/revision");
        if (item.Plural == "services")
            json["spec"]!.AsObject().Remove("clusterIPs");
        FieldOrder.ByName(json);
        return json.ToJsonString();
    }

    private static IEnumerable<(FuzzedRollout A, FuzzedRollout B, int Seconds)> Fewer((FuzzedRollout A, FuzzedRollout B, int Seconds) pair) =>
        FuzzedRollout.Arbitrary.Shrinker(pair.A).Select(a => pair with { A = a }).Concat(FuzzedRollout.Arbitrary.Shrinker(pair.B).Select(b => pair with { B = b }));
}
