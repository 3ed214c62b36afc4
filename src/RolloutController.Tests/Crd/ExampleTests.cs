using NUnit.Framework;

namespace RolloutController.Tests.Crd;

/// <summary>The Rollouts of the folder examples on a real API server.</summary>
internal sealed class ExampleTests
{
    [Test]
    [CancelAfter(30_000)]
    public async Task Every_example_is_valid(CancellationToken cancellation)
    {
        await using var server = await ApiServer.ConnectAsync(cancellation);
        var files = Directory.GetFiles(RepositoryFiles.PathOf("examples"), "*.yaml");
        Assert.That(files, Is.Not.Empty);
        using (Assert.EnterMultipleScope())
        {
            foreach (var file in files)
            {
                var rollouts = YamlFile.Documents(file).Where(document => (string?)document["kind"] == "Rollout").ToList();
                Assert.That(rollouts, Has.Count.EqualTo(1), $"Rollouts in {file}");
                var reply = await server.TryCreateAsync(rollouts[0], cancellation);
                Assert.That(reply.IsSuccess, $"{file}: {reply}");
            }
        }
    }
}
