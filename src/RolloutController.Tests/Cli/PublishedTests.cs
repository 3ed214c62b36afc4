using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Kubernetes;
using ApiServer = RolloutController.Rehearsal.Cluster.ApiServer;

namespace RolloutController.Tests.Cli;

/// <summary>The published executable, machine code and trimmed, against the one that was built: <c>ROLLOUT_TEST_BINARY</c> names its file.</summary>
[Category("Published")]
[CancelAfter(600_000)]
internal sealed class PublishedTests
{
    private static readonly string[] s_examples =
        [.. Directory.EnumerateFiles(RepositoryFiles.PathOf("examples"), "*.yaml", SearchOption.AllDirectories).Where(file => !file.Contains("/stories/", StringComparison.Ordinal)).Select(file => Path.GetRelativePath(RepositoryFiles.PathOf("examples"), file)).Order(StringComparer.Ordinal)];

    [SetUp]
    public void Require()
    {
        if (Executable.Published is null)
            Assert.Ignore("This compares a published executable with the build: publish one with .ci/publish and name its file in ROLLOUT_TEST_BINARY.");
    }

    /// <summary>A rehearsal reads and writes every type of the API, so whatever trimming took away shows.</summary>
    [TestCaseSource(nameof(s_examples))]
    public async Task It_rehearses_every_scenario_to_the_byte_as_the_build_does(string example, CancellationToken cancellationToken) =>
        await AssertSameAsync(cancellationToken, "rehearse", "-f", RepositoryFiles.PathOf($"examples/{example}"), "--scenario", "all", "-o", "json");

    [TestCaseSource(nameof(s_examples))]
    public async Task It_lints_as_the_build_does(string example, CancellationToken cancellationToken) =>
        await AssertSameAsync(cancellationToken, "lint", "-f", RepositoryFiles.PathOf($"examples/{example}"));

    /// <summary>The real control plane's certificate is not checked, so this is the only one that it checks.</summary>
    [Test]
    public async Task It_trusts_the_authority_of_a_kubeconfig(CancellationToken cancellationToken)
    {
        var cluster = new ControlPlane(TimeProvider.System, new Random(1)).Cluster;
        await using var server = await LoopbackServer.StartAsync(new ApiServer(cluster, new Access(cluster, "token")), port: 0, cancellationToken);
        using var folder = new TemporaryFolder();
        var kubeconfig = Path.Combine(folder.Path, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, server.Kubeconfig("token"), cancellationToken);

        var run = await AssertSameAsync(cancellationToken, "get", "-A", "--kubeconfig", kubeconfig);

        Assert.That(run.Code, Is.Zero, run.Error);
    }

    private static async Task<CommandRun> AssertSameAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var built = await CommandRun.StartAsync(Executable.StartFrom(Executable.Built, arguments), cancellationToken);
        var published = await CommandRun.StartAsync(Executable.StartFrom(Executable.Published!, arguments), cancellationToken);

        Assert.That(built.Output + built.Error, Is.Not.Empty);
        Assert.That(published, Is.EqualTo(built));
        return published;
    }
}
