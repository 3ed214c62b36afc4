using System.Net;
using NUnit.Framework;
using RolloutController.Rehearsal.Schemas;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Fuzzing.Specs;

/// <summary>A real API server and the embedded one take and refuse the same Rollouts, and name the same fields.</summary>
[Category("Cluster")]
internal sealed class SchemaAgreementTests
{
    private const int UsualCount = 400;

    [Test]
    [CancelAfter(240_000)]
    public async Task Real_and_embedded_API_give_the_same_answers(CancellationToken cancellation)
    {
        if (TestCluster.IsEmbedded)
            Assert.Ignore("This compares the embedded API with a real one: set ROLLOUT_TEST_KUBECONFIG to the kubeconfig of a test cluster.");
        await using var real = await ApiServer.ConnectAsync(cancellation);
        using var embedded = new EmbeddedApi();
        var all = FuzzedRollout.Singles.Concat(FuzzedRollout.Metadata).ToList();
        var every = Math.Max(1, all.Count / (UsualCount * Fuzz.Times));
        using (Assert.EnterMultipleScope())
        {
            foreach (var rollout in all.Where((_, number) => number % every == 0))
            {
                var json = rollout.Json();
                var wanted = await real.SendAsync(HttpMethod.Post, $"{real.Rollouts}?dryRun=All", json, cancellation);
                var given = embedded.TryCreate(json);
                Assert.That(Answer(given), Is.EqualTo(Answer(wanted)), $"{rollout}\nreal: {Short(wanted)}\nembedded: {Short(given)}");
            }
        }
    }

    /// <summary>What a client acts on: the code, and the fields that it names.</summary>
    private static string Answer(ApiReply reply) => reply.Status switch
    {
        HttpStatusCode.Created => "taken",
        HttpStatusCode.UnprocessableEntity => $"refused for {string.Join(", ", reply.Causes.Select(cause => cause.Field).Where(field => field != FieldProblems.NoField).Distinct().Order(StringComparer.Ordinal))}",
        var other => $"{(int)other}",
    };

    private static string Short(ApiReply reply) => reply.ToString() is { Length: > 400 } text ? text[..400] : reply.ToString();
}
