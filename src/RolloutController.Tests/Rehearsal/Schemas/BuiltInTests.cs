using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.BuiltIn;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>
/// What an API server of Kubernetes 1.20 answered about objects of its own kinds (builtin.answers.json): ours say the same. An
/// ellipsis stands for a value that it prints as a Go structure. Fields that came with later versions are not in its answers.
/// </summary>
internal sealed class BuiltInTests
{
    private static readonly ResourceTable Resources = new();

    private static readonly string[] Later = ["internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy", "allocateLoadBalancerNodePorts"];

    public static IEnumerable<TestCaseData> Answers() => StoredAnswer.All("builtin.answers.json");

    [TestCaseSource(nameof(Answers))]
    public void Answer_is_that_of_the_API_server(JsonObject answer)
    {
        var kind = (string)answer["kind"]!;
        var resource = Resources.All.First(resource => resource.Kind == kind && (kind != "HorizontalPodAutoscaler" || resource.Version == "v1"));
        var rules = BuiltInRules.Of(resource);
        if (answer["refused"] is { } refused)
        {
            var failure = Assert.Throws<ApiFailure>(() => StoredAnswer.Compare(answer, rules, resource.ApiVersion));
            Assert.That(failure!.Code, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(failure.Message, Does.StartWith((string)refused!));
            return;
        }

        StoredAnswer.Compare(answer, rules, resource.ApiVersion, Later);
    }
}
