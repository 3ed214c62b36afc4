using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>Runs kubectl as an administrator of the test cluster, for what users do with it.</summary>
internal static class Kubectl
{
    /// <summary>Runs a command in a namespace and gives back what it printed; fails the test when it fails.</summary>
    public static async Task<string> RunAsync(string @namespace, CancellationToken cancellationToken, params string[] arguments)
    {
        if (ChildProcess.Find("kubectl") is not { } program)
        {
            Assert.Ignore("kubectl is not on PATH; install it to run this test.");
            throw new InvalidOperationException();
        }
        var kubeconfig = Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!;
        var log = Path.Combine(Path.GetTempPath(), $"rollout-kubectl-{Guid.NewGuid():N}.log");
        await using var kubectl = ChildProcess.Start(program, ["--kubeconfig", kubeconfig, "--namespace", @namespace, .. arguments], log);
        var code = await kubectl.WaitAsync(cancellationToken);
        var output = kubectl.ReadLog();
        File.Delete(log);
        Assert.That(code, Is.Zero, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }
}
