using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Fuzzing.Specs;
using RolloutController.Tests.Planning.Simulation;
using RolloutController.Tests.Rehearsal.Scenarios;

namespace RolloutController.Tests.Fuzzing.Neighbours;

/// <summary>
/// Whatever the API took, the controller goes on: no pass fails for a reason of its own, a healthy neighbour is rolled out in its usual time, status
/// and events stay small, and what users wrote is as it was when the Rollout is gone again (rows 13 and 49 of the faults).
/// </summary>
internal sealed class AcceptedRolloutTests
{
    private const int MostStatusBytes = 64 * 1024;
    private const int MostEvents = 60;
    private const int MostPods = 12;

    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(2);

    [Test]
    public void Whatever_the_API_took_neither_stops_the_controller_nor_its_neighbour() =>
        Fuzz.Check(Streets(FuzzedRollout.Acceptable, 12), 6, street => Play(street, prepare: null));

    [Test]
    public void Neither_does_what_an_API_without_CEL_takes() =>
        Fuzz.Check(Streets(FuzzedRollout.AcceptableWithoutRules, 12), 3, street => Play(street, EmbeddedApi.ForgetRules));

    private static Arbitrary<FuzzedRollout[]> Streets(Arbitrary<FuzzedRollout> rollouts, int size) => Arb.From(
        Gen.ArrayOf(rollouts.Generator, size),
        street => street.Length > 1
            ? street.Select(alone => (FuzzedRollout[])[alone])
            : street.SelectMany(alone => FuzzedRollout.Arbitrary.Shrinker(alone)).Select(smaller => (FuzzedRollout[])[smaller]));

    private static void Play(FuzzedRollout[] street, Action<EmbeddedCluster>? prepare) => Neighbourhood.Play(street.Length, async neighbourhood =>
    {
        var homes = new List<Home>();
        for (var number = 0; number < street.Length; number++)
            homes.Add(await MoveInAsync(neighbourhood, street[number], number));
        neighbourhood.Settle(Neighbourhood.Healthy, withDeployment: false);
        neighbourhood.TryCreate(Neighbourhood.Healthy, HealthyRollout());

        await neighbourhood.PassAsync(TimeSpan.FromMinutes(3));
        Ship(neighbourhood, Neighbourhood.Healthy, "shop");
        foreach (var home in homes.Where(home => home.Name is not null))
            Ship(neighbourhood, home.Namespace, home.Name!);
        await neighbourhood.PassAsync(Usual);
        var healthy = neighbourhood.Cluster.Find("rollouts", Neighbourhood.Healthy, "shop")!.Json;
        LawBrokenException.Unless(healthy.Text("status.phase") == "Healthy" && healthy.Text("status.history.0.outcome") != "RolledBack", "a neighbour is not held up", $"{healthy["status"]}");

        await neighbourhood.PassAsync(TimeSpan.FromMinutes(15));
        foreach (var home in homes.Where(home => home.Name is not null))
            Judge(neighbourhood, home);
        await LeaveAsync(neighbourhood, homes);
        LawBrokenException.Unless(neighbourhood.IsAlive, "the controller goes on", "it gave up");
        LawBrokenException.Unless(neighbourhood.Log.Failures.Count == 0, "no pass fails for a reason of its own", string.Join("\n", neighbourhood.Log.Failures.Distinct().Take(3)));
    }, prepare);

    private static async Task<Home> MoveInAsync(Neighbourhood neighbourhood, FuzzedRollout rollout, int number)
    {
        var (@namespace, adopts) = ($"fuzz-{number}", rollout.Sample == "adopted");
        neighbourhood.Settle(@namespace, adopts);
        if (adopts)
            await neighbourhood.PassAsync(TimeSpan.FromSeconds(30));
        var json = rollout.Json("fuzz");
        // Thousands of pods only take time: nothing is decided by them that a few do not decide.
        if (json["spec"]?["replicas"] is JsonValue replicas && replicas.TryGetValue<long>(out var count) && count > MostPods)
            json["spec"]!["replicas"] = MostPods;
        var wanted = neighbourhood.Wanted(@namespace);
        return new Home(rollout, @namespace, neighbourhood.TryCreate(@namespace, json), wanted);
    }

    private static void Ship(Neighbourhood neighbourhood, string @namespace, string name)
    {
        try
        {
            if (neighbourhood.Cluster.Find("deployments", @namespace, "shop") is not null)
                neighbourhood.Cluster.Change("deployments", @namespace, "shop", deployment => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "shop:2.0.0");
            else
                neighbourhood.Cluster.Change("rollouts", @namespace, name, Retag);
        }
        catch (ApiFailure)
        {
            // It cannot be changed any more, since its rules are about what is stored, too.
        }
    }

    private static void Retag(JsonObject rollout)
    {
        if (rollout["spec"]?["template"] is not JsonObject template)
            return;
        if (template["metadata"] is not JsonObject metadata)
            template["metadata"] = metadata = [];
        metadata["annotations"] = new JsonObject { ["version"] = "2" };
    }

    private static void Judge(Neighbourhood neighbourhood, Home home)
    {
        // Its owner may be one that does not exist, and then it goes.
        if (neighbourhood.Cluster.Find("rollouts", home.Namespace, home.Name!) is not { } rollout)
            return;
        if (!CanBeRead(rollout))
            return;
        var status = rollout.Json["status"];
        LawBrokenException.Unless(rollout.Json.Text("status.phase") is { Length: > 0 } && rollout.Json.Text("status.message") is { Length: > 0 }, "always explain", $"{home.Rollout}: {rollout.Json}");
        LawBrokenException.Unless(
            rollout.Json.Number("status.observedGeneration") == rollout.Json.Number("metadata.generation"), "the newest spec is seen", $"{home.Rollout}: {rollout.Json}");
        LawBrokenException.Unless(Encoding.UTF8.GetByteCount(status!.ToJsonString()) < MostStatusBytes, "status stays small", $"{home.Rollout}: {status}");
        var events = neighbourhood.Cluster.List("events", home.Namespace);
        LawBrokenException.Unless(events.Count < MostEvents, "events stay few", $"{home.Rollout}: {events.Count}, such as {string.Join("\n", events.Take(5).Select(one => one.Json["note"]))}");
    }

    /// <summary>What an API without CEL takes for a duration, say, may be none. Then nothing can be done for it, and nothing is.</summary>
    private static bool CanBeRead(StoredObject rollout)
    {
        try
        {
            return JsonSerializer.Deserialize(rollout.Utf8.Span, RolloutObject.Kind.TypeInfo) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task LeaveAsync(Neighbourhood neighbourhood, List<Home> homes)
    {
        foreach (var home in homes.Where(home => home.Name is not null))
            neighbourhood.Cluster.Delete("rollouts", home.Namespace, home.Name!);
        await neighbourhood.PassAsync(TimeSpan.FromMinutes(10));
        foreach (var home in homes)
        {
            // What somebody else holds stays until he lets go.
            var left = home.Name is null ? null : neighbourhood.Cluster.Find("rollouts", home.Namespace, home.Name);
            LawBrokenException.Unless(
                left is null || left.Json["metadata"]!["finalizers"]!.AsArray().All(name => (string?)name != RolloutObject.Finalizer), "a Rollout can be deleted", $"{home.Rollout}: {left?.Json}");
            var now = neighbourhood.Wanted(home.Namespace);
            LawBrokenException.Unless(home.Wanted.SequenceEqual(now), "what users wrote is as it was", $"{home.Rollout}:\n{string.Join("\n", now.Except(home.Wanted))}");
        }
    }

    private static JsonObject HealthyRollout() => Yaml.ParseAll(Rehearsals.Shop("""
        steps: [{weight: 50, hold: 20s}, {weight: 100, hold: 20s}]
        scaleDownDelay: 5s
        """))[0];

    /// <param name="Rollout">Who lives there.</param>
    /// <param name="Namespace">Where.</param>
    /// <param name="Name">Its name; null where the API refused it.</param>
    /// <param name="Wanted">What users wrote there.</param>
    private sealed record Home(FuzzedRollout Rollout, string Namespace, string? Name, IReadOnlyList<string> Wanted);
}
