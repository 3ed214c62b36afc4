using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary><c>spec.rolloutOn: [template, config]</c> on the embedded cluster.</summary>
internal sealed class ConfigStoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private const string Fields = """
        rolloutOn: [template, config]
        steps: [{weight: 50, hold: 2m}, {weight: 100}]
        analysis: {errorRate: {max: 1%}}
        """;

    [Test]
    public void A_rotated_secret_goes_through_the_steps_and_is_promoted() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        Assert.That(PasswordsOf(story, first), Is.EqualTo(["one"]));
        Assert.That(Copies(story, first).Select(copy => ((bool?)copy["immutable"], copy.Text("metadata.ownerReferences.0.kind"))), Is.All.EqualTo((true, "ReplicaSet")));

        Rotate(story, "two");
        var half = await story.UntilAsync(status => status.State is Progressing { Stage: StepStage.Judging, Weight: 50 }, "the first step");
        Assert.That((half.StableRevision, PasswordsOf(story, first)), Is.EqualTo((first, new[] { "one" })));
        Assert.That(PasswordsOf(story, half.CanaryRevision), Is.EqualTo(["two"]));

        var promoted = await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(promoted.StableRevision, Is.EqualTo(half.CanaryRevision));
        Assert.That(promoted.History[0], Has.Property("Outcome").EqualTo(RevisionOutcome.Promoted).And.Property("Message").EndsWith("; Secret shop-db changed"));
        Assert.That(EventsOf(story, "RolloutStarted"), Has.One.EndsWith("50, 100 %; Secret shop-db changed"));

        var written = story.Course.Count;
        await story.PassAsync(TimeSpan.FromHours(1));
        Assert.That(story.Course, Has.Count.EqualTo(written), "status writes at rest");
    });

    [Test]
    public void Bad_config_is_rolled_back_and_not_tried_again_until_it_changes() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        story.Failing = spec => PasswordOf(story, spec) == "wrong";
        Rotate(story, "wrong");
        var back = await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That((back.StableRevision, PasswordsOf(story, first)), Is.EqualTo((first, new[] { "one" })));

        var written = story.Course.Count;
        await story.PassAsync(TimeSpan.FromHours(1));
        Assert.That(story.Course, Has.Count.EqualTo(written), "status writes at rest");

        Rotate(story, "two");
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(PasswordsOf(story, story.Status.StableRevision), Is.EqualTo(["two"]));
    });

    [Test]
    public void An_undo_brings_the_old_config_back() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        Rotate(story, "two");
        await UntilPromotedAsync(story, first);

        await story.OperateAsync(OperationVerb.Undo, first);
        await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That((story.Status.StableRevision, PasswordsOf(story, first)), Is.EqualTo((first, new[] { "one" })));
    });

    [Test]
    public void Config_that_changes_midway_takes_the_place_of_what_was_under_way() => Tell(async story =>
    {
        Rotate(story, "two");
        var second = (await story.UntilAsync(status => status.State is Progressing { Stage: StepStage.Judging }, "the first step")).CanaryRevision;
        Rotate(story, "three");
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(PasswordsOf(story, story.Status.StableRevision), Is.EqualTo(["three"]));
        Assert.That(
            story.Status.History.Select(record => (record.Revision, record.Outcome)),
            Is.EqualTo(new[] { (story.Status.StableRevision, RevisionOutcome.Promoted), (second, RevisionOutcome.Superseded), (story.Status.History[2].Revision, RevisionOutcome.Deployed) }));
    });

    [Test]
    public void An_object_that_is_deleted_at_rest_moves_nothing_and_is_told() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        story.Cluster.Delete("configmaps", "default", "shop");
        var told = await story.UntilAsync(status => status.Phase == Phase.Invalid, "it to be told");
        Assert.That(told.Message, Is.EqualTo("spec.template.spec.containers[0].envFrom[0].configMapRef.name: there is no ConfigMap shop in namespace default; create it, or write optional: true where pods can do without"));
        Assert.That(told.Conditions.Single(condition => condition.Type == "Stalled"), Has.Property("Reason").EqualTo("ConfigNotFound"));
        await story.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That((story.Status.State, Copies(story, first).Count), Is.EqualTo(((RolloutState)new AtRest(first), 2)));

        CreateConfigMap(story);
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That((story.Status.StableRevision, story.Status.History.Count), Is.EqualTo((first, 1)), "the same content is the same revision");
    });

    [Test]
    public void Objects_that_change_one_after_another_and_the_template_are_one_revision() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        Rotate(story, "two");
        await story.PassAsync(TimeSpan.FromSeconds(1));
        story.Cluster.Change("configmaps", "default", "shop", map => map["data"]!["color"] = "green");
        await UntilPromotedAsync(story, first);
        Assert.That(story.Status.History.Select(record => record.Outcome), Is.EqualTo(new[] { RevisionOutcome.Promoted, RevisionOutcome.Deployed }));
        Assert.That(story.Status.History[0].Message, Does.EndWith("; ConfigMap shop changed, Secret shop-db changed"));

        var second = story.Status.StableRevision;
        Rotate(story, "three");
        await story.PassAsync(TimeSpan.FromSeconds(1));
        await story.ShipAsync("2");
        await UntilPromotedAsync(story, second);
        Assert.That(story.Status.History.Select(record => record.Outcome), Is.EqualTo(new[] { RevisionOutcome.Promoted, RevisionOutcome.Promoted, RevisionOutcome.Deployed }));
        Assert.That(PasswordsOf(story, story.RevisionOf("2")), Is.EqualTo(["three"]));
    });

    [Test]
    public void Asking_for_config_or_no_longer_restarts_nothing() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        Assert.That(Copies(story, first), Is.Empty);
        story.Change("rolloutOn: [template, config]");
        await story.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That((story.Status.State, story.Status.Phase), Is.EqualTo(((RolloutState)new AtRest(first), Phase.Healthy)));

        Rotate(story, "two");
        var second = await UntilPromotedAsync(story, first);
        Assert.That(PasswordsOf(story, second), Is.EqualTo(["two"]));

        story.Change("rolloutOn: [template]");
        Rotate(story, "three");
        await story.PassAsync(TimeSpan.FromMinutes(10));
        Assert.That((story.Status.State, story.Status.Phase), Is.EqualTo(((RolloutState)new AtRest(second), Phase.Healthy)));
        await story.ShipAsync("2");
        await UntilPromotedAsync(story, second);
        Assert.That(PasswordsOf(story, story.Status.StableRevision), Is.Empty, "its pods name the Secret itself");
    }, Fields.Replace("[template, config]", "[template]", StringComparison.Ordinal));

    [Test]
    public void What_may_be_missing_comes_and_goes_as_a_revision() => Tell(async story =>
    {
        var first = story.Status.StableRevision;
        story.Cluster.Create("configmaps", Yaml.Parse("{apiVersion: v1, kind: ConfigMap, metadata: {name: flags, namespace: default}, data: {beta: \"true\"}}"));
        var second = await UntilPromotedAsync(story, first);
        Assert.That(Copies(story, second).Select(copy => (string?)copy["metadata"]!["annotations"]!["rollouts.dev/copy-of"]), Is.EquivalentTo(["shop", "shop-db", "flags"]));
        story.Cluster.Delete("configmaps", "default", "flags");
        await UntilPromotedAsync(story, second);
        Assert.That(Copies(story, story.Status.StableRevision), Has.Count.EqualTo(2));
    });

    [Test]
    public void Copies_go_with_their_revision() => Tell(async story =>
    {
        for (var password = 1; password <= 3; password++)
        {
            var before = story.Status.StableRevision;
            Rotate(story, $"secret-{password}");
            await UntilPromotedAsync(story, before);
        }

        await story.PassAsync(TimeSpan.FromMinutes(10));
        var sets = story.Cluster.List("replicasets", "default").Select(set => set.Uid).ToList();
        Assert.That(sets, Has.Count.EqualTo(2));
        Assert.That(AllCopies(story).Select(copy => copy.Text("metadata.ownerReferences.0.uid")).Distinct(), Is.EquivalentTo(sets));
        Assert.That(AllCopies(story), Has.Count.EqualTo(4));
    }, Fields + "\nrevisionHistoryLimit: 1");

    private static void Tell(Func<Story, Task> tell, string fields = Fields) => Story.Tell(fields, Start, tell, prepare: (story, rollout) =>
    {
        CreateConfigMap(story);
        story.Cluster.Create("secrets", Yaml.Parse("{apiVersion: v1, kind: Secret, metadata: {name: shop-db, namespace: default}, stringData: {password: one}}"));
        var container = rollout["spec"]!["template"]!["spec"]!["containers"]![0]!;
        container["envFrom"] = new JsonArray(
            Yaml.Parse("{configMapRef: {name: shop}}"), Yaml.Parse("{configMapRef: {name: flags, optional: true}}"));
        container["env"] = new JsonArray(Yaml.Parse("{name: PASSWORD, valueFrom: {secretKeyRef: {name: shop-db, key: password}}}"));
    });

    private static void CreateConfigMap(Story story) =>
        story.Cluster.Create("configmaps", Yaml.Parse("{apiVersion: v1, kind: ConfigMap, metadata: {name: shop, namespace: default}, data: {color: blue}}"));

    private static void Rotate(Story story, string password) =>
        story.Cluster.Change("secrets", "default", "shop-db", secret => secret["stringData"] = new JsonObject { ["password"] = password });

    private static async Task<string> UntilPromotedAsync(Story story, string before)
    {
        await story.UntilAsync(status => status.State is InFlight || status.StableRevision != before, "a rollout");
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(story.Status.StableRevision, Is.Not.EqualTo(before));
        return story.Status.StableRevision;
    }

    private static List<JsonObject> AllCopies(Story story) => [.. ((string[])["configmaps", "secrets"])
        .SelectMany(plural => story.Cluster.List(plural, "default")).Select(item => item.Json).Where(item => item.Text("metadata.ownerReferences.0.uid") is not null)];

    private static List<JsonObject> Copies(Story story, string revision) => [.. AllCopies(story).Where(copy => copy.Text("metadata.ownerReferences.0.name") == $"shop-{revision}")];

    /// <summary>The passwords that the pods of a revision read from copies.</summary>
    private static List<string> PasswordsOf(Story story, string revision) => [.. story.Cluster.List("pods", "default")
        .Where(pod => pod.Json.Text("metadata.labels.pod-template-hash") == revision)
        .Select(pod => PasswordOf(story, pod.Json["spec"]!)).OfType<string>().Distinct()];

    private static string? PasswordOf(Story story, JsonNode podSpec)
    {
        var name = podSpec["containers"]![0]!["env"]![0]!["valueFrom"]!["secretKeyRef"]!.AsObject().Text("name")!;
        var secret = name == "shop-db" ? null : story.Cluster.Find("secrets", "default", name)!.Json;
        return secret is null ? null : System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.Text("data.password")!));
    }

    private static IEnumerable<string> EventsOf(Story story, string reason) => story.Cluster.List("events", "default")
        .Select(item => item.Json).Where(item => item.Text("reason") == reason).Select(item => item.Text("note") ?? item.Text("message") ?? "");
}
