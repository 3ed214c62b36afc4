using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Crd;

/// <summary>Every CEL rule on a real API server, by the examples of rules.yaml.</summary>
internal sealed class RuleTests
{
    private static readonly IReadOnlyList<RuleExample> Examples =
        [.. YamlFile.Documents($"{Samples.Folder}/rules.yaml").Single().AsArray().Select(example => RuleExample.From(example!))];

    [Test]
    public void Every_rule_has_an_example() =>
        Assert.That(
            Examples.Select(example => new SchemaRule(example.SchemaPath, example.Message)).Distinct(),
            Is.EquivalentTo(CrdSchema.Rules));

    [Test]
    [CancelAfter(60_000)]
    public async Task Every_rule_takes_what_is_right_and_says_what_to_write_instead_of_what_is_wrong(CancellationToken cancellation)
    {
        await using var server = await ApiServer.ConnectAsync(cancellation);
        using (Assert.EnterMultipleScope())
        {
            foreach (var example in Examples)
            {
                var accepted = await TryAsync(server, example, example.Accept, cancellation);
                Assert.That(accepted.IsSuccess, $"{example} refuses {example.Accept.ToJsonString()}: {accepted}");
                var refused = await TryAsync(server, example, example.Refuse, cancellation);
                Assert.That(refused.Causes.Where(example.Explains), Is.Not.Empty,
                    $"{example} takes {example.Refuse.ToJsonString()}: {refused}");
            }
        }
    }

    private static async Task<ApiReply> TryAsync(ApiServer server, RuleExample example, JsonNode patch, CancellationToken cancellation)
    {
        var sample = Samples.Named(example.Sample);
        if (!example.IsUpdate)
            return await server.TryCreateAsync(MergePatch.Apply(sample, patch)!, cancellation);
        var stored = await server.CreateAsync(sample, cancellation);
        if (example.Stored is null)
            return await server.TryPatchAsync(stored, patch, cancellation);
        var status = await server.SendAsync(HttpMethod.Patch, $"{server.Rollouts}/{stored}/status", example.Stored, cancellation);
        Assert.That(status.IsSuccess, $"{example}: {status}");
        return await server.TryPatchAsync($"{stored}/status", patch, cancellation);
    }
}
