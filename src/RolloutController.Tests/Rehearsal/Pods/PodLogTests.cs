using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Pods;

namespace RolloutController.Tests.Rehearsal.Pods;

/// <summary>What the API answers of what pods have written; what no kubelet is needed for is in the conformance tests.</summary>
internal sealed class PodLogTests
{
    private static readonly PodScript Script = Bed.Quick with
    {
        Conduct = PodConduct.Fails,
        ImagePull = TimeSpan.FromSeconds(2),
        RunsFor = TimeSpan.FromSeconds(5),
        Log = "begins\nlogin answered 500\n",
    };

    [TestCase("", "begins\nlogin answered 500\n")]
    [TestCase("tailLines=1", "login answered 500\n")]
    [TestCase("tailLines=0", "")]
    [TestCase("tailLines=100", "begins\nlogin answered 500\n")]
    [TestCase("limitBytes=4", "begi")]
    [TestCase("limitBytes=1000", "begins\nlogin answered 500\n")]
    [TestCase("tailLines=1&limitBytes=5", "login")]
    [TestCase("container=app", "begins\nlogin answered 500\n")]
    public void Log_is_there_while_the_pod_runs_and_after_its_end(string query, string log) => Bed.Run(
        async bed =>
        {
            bed.Create("pods", "{apiVersion: v1, kind: Pod, metadata: {name: shop}, spec: {restartPolicy: Never, containers: [{name: app, image: 'example/shop:v1'}]}}");
            await bed.PassAsync(TimeSpan.FromSeconds(1));
            var early = Read(bed, query);
            Assert.That(
                (early.Code, (string?)JsonNode.Parse(early.Body.Span)!["message"]),
                Is.EqualTo((400, "container \"app\" in pod \"shop\" is waiting to start: ContainerCreating")));
            foreach (var phase in new[] { "Running", "Failed" })
            {
                await bed.UntilAsync(() => (string?)bed.Find("pods", "shop")!["status"]!["phase"] == phase, phase);
                var answer = Read(bed, query);
                Assert.That((answer.Code, answer.MediaType, Text(answer)), Is.EqualTo((200, "text/plain", log)));
            }

            bed.Cluster.Delete("pods", Bed.Namespace, "shop");
            Assert.That(Read(bed, query).Code, Is.EqualTo(404));
        },
        _ => Script);

    private static ApiAnswer.Whole Read(Bed bed, string query) => (ApiAnswer.Whole)new ApiServer(bed.Cluster).Answer(
        new ApiRequest("GET", $"/api/v1/namespaces/{Bed.Namespace}/pods/shop/log", ApiRequest.ReadQuery(query), "", "", null, ReadOnlyMemory<byte>.Empty));

    private static string Text(ApiAnswer.Whole answer) => Encoding.UTF8.GetString(answer.Body.Span);
}
