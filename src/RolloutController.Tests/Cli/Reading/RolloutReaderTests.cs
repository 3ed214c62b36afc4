using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Cli.Reading;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cli.Reading;

internal sealed class RolloutReaderTests
{
    private static readonly ObjectKey Key = new("default", "shop");

    /// <summary>A path that is not served is a 404 that names no object, be it of a list or of one object.</summary>
    [Test]
    public void A_cluster_without_the_definition_is_told_what_to_install()
    {
        var reader = new RolloutReader(new FakeKubernetesClient { OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.NotFound) });

        const string Message = "The cluster does not serve rollouts.dev/v1alpha1: install it with kubectl apply -f crds/rollouts.yaml, or choose another --context";
        Assert.That(() => reader.GetAsync(Key, CancellationToken.None), Throws.TypeOf<CommandException>().With.Message.EqualTo(Message));
        Assert.That(() => reader.ListAsync(RolloutObject.Kind, "default", new ListOptions(), CancellationToken.None), Throws.TypeOf<CommandException>().With.Message.EqualTo(Message));
    }

    [Test]
    public async Task What_this_version_cannot_read_is_read_as_it_is()
    {
        var client = new FakeKubernetesClient();
        client.Put("rollouts", JsonNode.Parse("""{"metadata": {"namespace": "default", "name": "shop"}, "spec": {"replicas": "many"}}""")!.AsObject());

        var raw = RawObject.Kind(RolloutObject.Kind.Group, RolloutObject.Kind.Version, RolloutObject.Kind.Kind, RolloutObject.Kind.Plural);
        Assert.That((await new RolloutReader(client).GetAsync(raw, Key, CancellationToken.None)).Json.GetProperty("spec").GetProperty("replicas").GetString(), Is.EqualTo("many"));
    }
}
