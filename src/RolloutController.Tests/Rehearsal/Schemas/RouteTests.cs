using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>What an API server with the definitions of the Gateway API answered about routes (routes.answers.json): ours say the same.</summary>
internal sealed class RouteTests
{
    private static readonly ResourceTable Resources = Serve();

    public static IEnumerable<TestCaseData> Answers() => StoredAnswer.All("routes.answers.json");

    [TestCaseSource(nameof(Answers))]
    public void Answer_is_that_of_the_API_server(JsonObject answer) =>
        StoredAnswer.Compare(answer, Resources.OfKind("gateway.networking.k8s.io/v1", (string)answer["kind"]!)!.Rules, "gateway.networking.k8s.io/v1");

    [Test]
    public void Routes_of_the_earlier_version_are_served() =>
        Assert.That(Resources.OfKind("gateway.networking.k8s.io/v1beta1", "HTTPRoute"), Is.Not.Null);

    private static ResourceTable Serve()
    {
        var resources = new ResourceTable();
        foreach (var definition in Definitions.All())
            CustomKinds.Serve(definition, resources);
        return resources;
    }
}
