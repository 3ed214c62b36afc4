using NUnit.Framework;

namespace RolloutController.Tests.Cluster.BadInput;

/// <summary>Templates that the API server would not take, or whose pods nobody would find.</summary>
internal sealed class TemplateMistakeTests : BadInputTest
{
    [Test]
    public async Task Template_that_the_API_server_refuses()
    {
        await DeployAsync(Rollout("v1"));
        await MistakeAsync(
            () => ChangeAsync("{spec: {template: {spec: {restartPolicy: Sometimes}}}}"),
            "InvalidTemplate", "spec.template.spec.restartPolicy: ", "the API server refuses it",
            () => ChangeAsync("{spec: {template: {spec: {restartPolicy: null}}}}"));
    }

    [Test]
    public async Task Template_that_cannot_be_read_as_one()
    {
        await DeployAsync(Rollout("v1"));
        await MistakeAsync(
            () => ChangeAsync("{spec: {template: {spec: {containers: none}}}}"),
            "InvalidTemplate", "spec.template", "the API server refuses it",
            () => ApplyAsync(Rollout("v1")));
    }

    [Test]
    public async Task Template_refused_from_the_start_is_deployed_once_it_is_put_right()
    {
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        var wrong = Rollout("v1");
        await MistakeAsync(
            () => ApplyAsync(wrong with { Template = wrong.Template.Replace("name: app", "name: Not A Name", StringComparison.Ordinal) }),
            "InvalidTemplate", "spec.template.spec.containers[0].name: ", "the API server refuses it",
            () => ApplyAsync(Rollout("v1")));
        await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), sets => sets.Count(set => set.Name().StartsWith("shop", StringComparison.Ordinal)) == 1, "one ReplicaSet");
    }

    [Test]
    public async Task Template_without_the_labels_of_the_selector_is_not_even_stored()
    {
        var before = await DeployAsync(Rollout("v1"));

        Assert.That(
            () => ChangeAsync("{spec: {template: {metadata: {labels: {app: shopping}}}}}"),
            Throws.TypeOf<ClusterApiException>().With.Message.Contains("write every label of selector.matchLabels into template.metadata.labels"));

        Assert.That((await UntilHealthyAsync()).Number("metadata.generation"), Is.EqualTo(before.Number("metadata.generation")));
    }

    [Test]
    public async Task Midway_a_refused_template_holds_the_rollout_where_it_is()
    {
        var rollout = Rollout("v1") with { Weights = [50, 100], Hold = "3s" };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);

        await ChangeAsync("{spec: {template: {spec: {restartPolicy: Sometimes}}}}");
        await UntilInvalidAsync("InvalidTemplate", "spec.template.spec.restartPolicy: ", "the API server refuses it");
        Assert.That(RouteShares.Percent((await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation))!, "shop-canary"), Is.EqualTo(50));

        await ChangeAsync("{spec: {template: {spec: {restartPolicy: null}}}}");
        await UntilHealthyAsync();
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count(pod => PodAnnotations.VersionOf(pod) == "v2") == 2, "two pods of v2");
    }
}
