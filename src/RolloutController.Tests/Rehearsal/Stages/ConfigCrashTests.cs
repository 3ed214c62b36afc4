using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>The controller ends after any of its writes; the next one comes to the same end, and no copy is left over.</summary>
internal sealed class ConfigCrashTests
{
    /// <summary>More writes than any of the stories takes.</summary>
    private const int MaxWrites = 60;

    [Test]
    public void A_first_deployment_survives_an_end_after_any_write() => Sweep(async (bed, writes) =>
    {
        await bed.StartAsync();
        bed.CutOffAfter(writes);
        bed.Apply();
        return "one";
    });

    [Test]
    public void A_rotation_survives_an_end_after_any_write() => Sweep(async (bed, writes) =>
    {
        await DeployAsync(bed);
        bed.CutOffAfter(writes);
        bed.Rotate("two");
        return "two";
    });

    [Test]
    public void What_was_begun_is_taken_away_when_the_secret_changes_again_while_no_controller_runs() => Sweep(async (bed, writes) =>
    {
        await DeployAsync(bed);
        bed.CutOffAfter(writes);
        bed.Rotate("two");
        await bed.UntilAsync(() => bed.IsCutOff || bed.Status is { State: AtRest, StableRevision: var stable } && stable != bed.Status.History[^1].Revision, "the end");
        bed.Rotate("three");
        return "three";
    });

    [Test]
    public void A_secret_that_changes_while_it_is_copied_is_another_revision() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        bed.Asking = request =>
        {
            if (request == "GET /api/v1/namespaces/default/secrets/shop-db" && bed.Status.State is Progressing)
                bed.Rotate("three");
        };
        bed.Rotate("two");
        await bed.UntilHealthyAsync("three");
        await AssertCleanAsync(bed, "at the end");
        Assert.That(bed.Cluster.List("replicasets", "default"), Has.Count.EqualTo(2), "the first revision and the last");
    });

    [Test]
    public void A_ReplicaSet_that_is_reported_on_while_it_gets_its_copies_is_not_made_anew() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        var before = bed.Requests.Count(IsCreated);
        // What its controller does to each new one: another version, and nothing else that was asked for.
        bed.Asking = request =>
        {
            if (request.StartsWith("POST /api/v1/namespaces/default/configmaps?", StringComparison.Ordinal) && !request.Contains("dryRun", StringComparison.Ordinal))
            {
                foreach (var set in bed.Cluster.List("replicasets", "default").Where(set => set.Json.ToJsonString().Contains("config-unfinished", StringComparison.Ordinal)))
                    bed.Cluster.Change("replicasets", "default", set.Name, json => json["metadata"]!["annotations"]!["reported"] = "yes");
            }
        };
        bed.Rotate("two");
        await bed.UntilHealthyAsync("two");
        Assert.That(bed.Cluster.List("replicasets", "default").Count(set => set.Json.ToJsonString().Contains("\"reported\"", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(bed.Requests.Count(IsCreated) - before, Is.EqualTo(1));

        static bool IsCreated(string request) => request.StartsWith("POST", StringComparison.Ordinal) && request.Contains("/replicasets", StringComparison.Ordinal) && !request.Contains("dryRun", StringComparison.Ordinal);
    });

    [Test]
    public void A_ReplicaSet_that_somebody_deletes_is_made_anew_with_copies_of_its_own() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        var before = bed.Copies().Single();
        bed.Cluster.Delete("replicasets", "default", bed.Cluster.List("replicasets", "default").Single().Name);
        await bed.UntilAsync(() => bed.Copies().Count == 1 && bed.Copies().Single().Key != before.Key, "other copies");
        await bed.UntilHealthyAsync("one");
        await AssertCleanAsync(bed, "at the end");
        Assert.That(bed.Status.History, Has.Count.EqualTo(1));
    });

    [Test]
    public void A_right_that_is_taken_away_is_told_until_it_is_given_back() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        bed.Forbidden = request => request.Contains("/secrets", StringComparison.Ordinal);
        await bed.UntilAsync(() => bed.Status.Phase == Phase.Invalid, "it to be told");
        Assert.That(bed.Status.Message, Is.EqualTo(
            "spec.rolloutOn: the controller may not read Secret shop-db in namespace default; allow it: "
            + "kubectl -n default create role rollout-config-shop --verb=get,list,watch --resource=configmaps,secrets --resource-name=shop --resource-name=shop-db && "
            + "kubectl -n default create rolebinding rollout-config-shop --role=rollout-config-shop --user=jane"));
        bed.Forbidden = _ => false;
        await bed.UntilHealthyAsync("one");
        Assert.That(bed.Status.History, Has.Count.EqualTo(1));
    });

    [Test]
    public void A_rollout_that_is_under_way_goes_on_though_nothing_can_be_read_any_more() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        bed.Rotate("two");
        await bed.UntilAsync(() => bed.Status.State is Progressing { Stage: StepStage.Judging }, "the first step");
        await bed.StopAsync();
        bed.Forbidden = request => request.Contains("/secrets", StringComparison.Ordinal) || request.Contains("/configmaps", StringComparison.Ordinal);
        await bed.StartAsync();
        await bed.UntilAsync(() => bed.Status is { State: AtRest, Phase: Phase.Invalid }, "the end");
        Assert.That((bed.Passwords(), bed.Status.History[0].Outcome), Is.EqualTo((new[] { "two" }, RevisionOutcome.Promoted)));
        bed.Forbidden = _ => false;
        await bed.UntilHealthyAsync("two");
    });

    [Test]
    public void A_rollout_that_is_under_way_needs_no_right_to_be_looked_up() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        bed.Rotate("two");
        await bed.UntilAsync(() => bed.Status.State is Progressing { Stage: StepStage.Judging }, "the first step");
        await bed.StopAsync();
        bed.Asking = request =>
        {
            if (request.Contains("dryRun", StringComparison.Ordinal))
                throw new HttpRequestException("no answer");
        };
        await bed.StartAsync();
        await bed.UntilAsync(() => bed.Status.History[0].Outcome == RevisionOutcome.Promoted, "the promotion");
        bed.Asking = _ => { };
        await bed.UntilHealthyAsync("two");
    });

    [Test]
    public void A_copy_that_may_not_be_made_begins_no_rollout() => ConfigBed.Play(async bed =>
    {
        await bed.StartAsync();
        bed.Forbidden = request => request.StartsWith("POST", StringComparison.Ordinal) && request.Contains("/secrets", StringComparison.Ordinal);
        bed.Apply();
        await bed.UntilAsync(() => bed.Status.Phase == Phase.Invalid, "it to be told");
        Assert.That(bed.Status.Message, Does.StartWith("spec.rolloutOn: namespace default takes no copy of a Secret: "));
        Assert.That(bed.Cluster.List("replicasets", "default"), Is.Empty);
        bed.Forbidden = _ => false;
        await bed.UntilHealthyAsync("one");
    });

    [Test]
    public void A_token_of_a_service_account_stays_as_it_is() => ConfigBed.Play(async bed =>
    {
        bed.Cluster.Delete("secrets", "default", "shop-db");
        bed.Cluster.Create("secrets", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = "kubernetes.io/service-account-token",
            ["metadata"] = new JsonObject
            {
                ["name"] = "shop-db",
                ["namespace"] = "default",
                ["annotations"] = new JsonObject { ["kubernetes.io/service-account.name"] = "default" },
            },
            ["stringData"] = new JsonObject { ["password"] = "token" },
        });
        await bed.StartAsync();
        bed.Apply();
        await bed.UntilHealthyAsync("token");
        Assert.That(bed.Copies().SelectMany(names => names), Is.All.StartsWith("shop-").And.Exactly(1).Items);
        bed.Rotate("another");
        await bed.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That(bed.Status.History, Has.Count.EqualTo(1));
    });

    [Test]
    public void A_Rollout_that_does_not_ask_for_config_never_reads_it() => ConfigBed.Play(async bed =>
    {
        await bed.StartAsync();
        bed.Apply("[template]");
        await bed.UntilAsync(() => bed.Status.Phase == Phase.Healthy, "the deployment");
        bed.Rotate("two");
        bed.Cluster.Change("rollouts", "default", "shop", rollout => rollout["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "shop:2");
        await bed.UntilAsync(() => bed.Status.History.Count == 2, "the promotion");
        Assert.That(bed.Requests, Has.None.Contains("configmaps").And.None.Contains("secrets"));
        Assert.That(bed.Copies(), Is.Empty);
    });

    [Test]
    public void A_Rollout_that_no_longer_asks_for_config_stops_watching_it() => ConfigBed.Play(async bed =>
    {
        await DeployAsync(bed);
        Assert.That(bed.Requests.Where(request => request.Contains("watch=true", StringComparison.Ordinal) && request.Contains("fieldSelector", StringComparison.Ordinal)).Select(request => request.Split('?')[0]),
            Is.EquivalentTo(["GET /api/v1/namespaces/default/configmaps", "GET /api/v1/namespaces/default/secrets"]));
        Assert.That(bed.Requests.Count(request => request.Contains("dryRun", StringComparison.Ordinal)), Is.EqualTo(3), "the template, and the right to make each kind of copy");

        bed.Cluster.Change("rollouts", "default", "shop", rollout => rollout["spec"]!["rolloutOn"] = new JsonArray("template"));
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        var asked = bed.Requests.Count(AsksForConfig);
        await bed.PassAsync(TimeSpan.FromHours(1));
        Assert.That(bed.Requests.Count(AsksForConfig), Is.EqualTo(asked));

        static bool AsksForConfig(string request) => request.Contains("configmaps", StringComparison.Ordinal) || request.Contains("secrets", StringComparison.Ordinal);
    });

    private static async Task DeployAsync(ConfigBed bed)
    {
        await bed.StartAsync();
        bed.Apply();
        await bed.UntilHealthyAsync("one");
    }

    /// <summary>Plays a story once for each write after which the first controller may end.</summary>
    private static void Sweep(Func<ConfigBed, int, Task<string>> begin)
    {
        var all = false;
        for (var writes = 1; !all; writes++)
        {
            Assert.That(writes, Is.LessThan(MaxWrites));
            ConfigBed.Play(async bed =>
            {
                var password = await begin(bed, writes);
                await bed.PassAsync(TimeSpan.FromMinutes(5));
                all = !bed.IsCutOff;
                await bed.StopAsync();
                await bed.StartAsync();
                await bed.UntilHealthyAsync(password);
                await AssertCleanAsync(bed, $"after {writes} writes");
            });
        }
    }

    private static async Task AssertCleanAsync(ConfigBed bed, string when)
    {
        await bed.PassAsync(TimeSpan.FromMinutes(10));
        var sets = bed.Cluster.List("replicasets", "default");
        Assert.That(sets.Where(set => set.Json.ToJsonString().Contains("config-unfinished", StringComparison.Ordinal)), Is.Empty, when);
        Assert.That(bed.Copies().Select(copies => copies.Key), Is.EquivalentTo(sets.Select(set => set.Uid)), $"owners of copies {when}");
        foreach (var set in sets)
        {
            var names = ConfigBed.NamesIn(set.Json["spec"]!["template"]!["spec"]!).ToList();
            Assert.That(bed.Copies()[set.Uid], Is.EquivalentTo(names), when);
            Assert.That(set.Json.ToJsonString(), Does.Contain(bed.DigestOf(names[0])), $"the content that the revision is named by {when}");
        }
        Assert.That(bed.Early, Is.Empty, when);
    }
}
