using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>A real process behind each pod, which listens on the pod's own IP: for tests with real requests, inside <c>cluster netns</c>.</summary>
internal sealed class RealPods : IPodRuntime
{
    /// <summary>The port on which every pod serves.</summary>
    public const int Port = 8080;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ChildProcess> _processes = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-pods-").FullName;

    /// <summary>Ignores the test unless every pod IP is an address of this machine.</summary>
    public static void RequirePodAddresses()
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Parse("10.244.0.1"), 0);
            probe.Start();
        }
        catch (SocketException)
        {
            Assert.Ignore("10.244.0.1 is not a local address: run the control plane and the tests inside `cluster netns`.");
        }
    }

    public async Task StartAsync(JsonObject pod, string ip, CancellationToken cancellationToken)
    {
        string[] arguments = [
            Path.Combine(AppContext.BaseDirectory, "RolloutController.TestPod.dll"), $"{ip}:{Port}", PodAnnotations.VersionOf(pod),
            pod.Annotation(PodAnnotations.FailPercent) ?? "0", pod.Annotation(PodAnnotations.Drain) ?? "1000"];
        var process = _processes[pod.Uid()] = ChildProcess.Start("dotnet", arguments, Path.Combine(_folder, $"{pod.Name()}.log"));
        await process.WaitUntilServingAsync(new Uri($"http://{ip}:{Port}/healthz"), StartTimeout, cancellationToken);
    }

    public async Task StopAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        if (!_processes.TryRemove(pod.Uid(), out var process))
            return;
        await using (process)
            await process.TerminateAsync(TimeSpan.FromSeconds(Math.Max(1, pod.Number("metadata.deletionGracePeriodSeconds"))), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes.Values)
            await process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
