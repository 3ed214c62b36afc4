using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Tests.Rehearsal.Inputs;

internal sealed class RehearsalInputTests
{
    private const string Rollout =
        """
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: shop, uid: 1, resourceVersion: "7", generation: 3}
        spec:
          replicas: 2
          selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop, tier: web}}
            spec: {containers: [{name: shop, image: "shop:1"}]}
          steps: [{weight: 100}]
        status: {phase: Healthy}
        """;

    [Test]
    public void Without_a_Rollout_there_is_nothing_to_rehearse() =>
        Assert.That(() => Find(Service("shop", "app: shop")), Throws.TypeOf<ManifestException>().With.Message.StartsWith("standard input: there is no Rollout in it"));

    [Test]
    public void What_only_the_API_writes_is_left_out_and_defaults_count()
    {
        var input = Find(Rollout).Single();

        var rollout = input.Objects.Single(item => item.IsRollout).Json;
        Assert.That(rollout["status"], Is.Null);
        Assert.That(rollout["metadata"]!.AsObject().Select(member => member.Key), Is.EqualTo(new[] { "name", "namespace" }));
        Assert.That(input.Spec.Steps.Single().Hold, Is.EqualTo(TimeSpan.FromSeconds(60)));
    }

    [Test]
    public void Kinds_that_a_rehearsal_does_not_know_are_left_out_with_a_note()
    {
        var input = Find(Rollout, "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}").Single();

        Assert.That(input.Objects.Select(item => item.Kind), Has.None.EqualTo("Ingress"));
        Assert.That(input.Notes, Has.Member("Ingress shop (standard input, document 2) is left out: a rehearsal has no networking.k8s.io/v1 Ingress"));
    }

    [Test]
    public void Windows_do_not_let_a_rehearsal_wait()
    {
        var input = Find(Rollout.Replace("replicas: 2", "windows: {open: [{days: [Sun]}]}", StringComparison.Ordinal)).Single();

        Assert.That(input.Objects.Single(item => item.IsRollout).Json["spec"]!["windows"], Is.Null);
        Assert.That(input.Notes, Has.Member("spec.windows is set aside: the new version sets out at once"));
    }

    [Test]
    public void Namespace_of_an_object_is_made_where_nobody_brings_it()
    {
        var input = Find(Rollout.Replace("name: shop, uid", "name: shop, namespace: store, uid", StringComparison.Ordinal)).Single();

        Assert.That((input.Namespace, input.Objects[0].Kind, input.Objects[0].Name), Is.EqualTo(("store", "Namespace", "store")));
    }

    [Test]
    public void Requests_go_to_the_Service_that_the_Rollout_names() =>
        Assert.That(Find($"{Rollout.Split("\nstatus")[0]}\n  traffic: {{service: shop}}", Service("front", "app: shop"), Service("shop", "app: shop")).Single().Service, Is.EqualTo("shop"));

    [Test]
    public void Requests_go_to_a_Service_that_selects_the_pods()
    {
        var input = Find(Rollout, Service("headless", "app: other"), Service("front", "app: shop, tier: web")).Single();

        Assert.That((input.Service, input.Notes), Is.EqualTo(("front", Array.Empty<string>())));
    }

    [TestCase("other", "shop")]
    [TestCase("shop", "shop-rehearsal")]
    public void Without_a_Service_the_rehearsal_brings_one(string taken, string made)
    {
        var input = Find(Rollout, Service(taken, "app: other")).Single();

        Assert.That(input.Service, Is.EqualTo(made));
        var service = input.Objects.Single(item => item.Kind == "Service" && item.Name == made);
        Assert.That(JsonNode.DeepEquals(service.Json["spec"]!["selector"], JsonNode.Parse("""{"app": "shop", "tier": "web"}""")));
        Assert.That(input.Notes.Single(), Does.Contain("no Service selects the pods of Rollout shop"));
    }

    [Test]
    public void Pods_may_be_others_than_those_that_are_written() =>
        Assert.That((int?)RehearsalInput.Find(Manifests(Rollout), 5).Single().Objects.Single(item => item.IsRollout).Json["spec"]!["replicas"], Is.EqualTo(5));

    private static string Service(string name, string selector) => $"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}";

    private static IReadOnlyList<RehearsalInput> Find(params string[] documents) => RehearsalInput.Find(Manifests(documents), null);

    private static IReadOnlyList<Manifest> Manifests(params string[] documents) => ManifestReader.Read(["-"], new StringReader(string.Join("\n---\n", documents)));
}
