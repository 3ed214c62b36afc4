using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>The whole controller on an embedded cluster in virtual time.</summary>
internal sealed class RehearsedControllerTests
{
    [Test]
    public void Rollout_by_pod_counts_goes_through_in_virtual_time_and_the_same_way_twice()
    {
        var first = Course(seed: 7);
        Assert.That(first[^1], Does.Contain("Healthy").And.Contain("v2"));
        Assert.That(Course(seed: 7), Is.EqualTo(first));
    }

    private static List<string> Course(int seed)
    {
        var clock = new VirtualTime(DateTimeOffset.UnixEpoch);
        var random = new Random(seed);
        var plane = new ControlPlane(clock, random);
        var kubelet = new SimulatedKubelet(plane.Cluster, _ => new PodScript());
        using var controller = RehearsedController.Make(plane.Cluster, Providers.None, new ControlOptions { Random = random }, new RehearsedLifetime(), NullLoggerFactory.Instance);
        var course = new List<string>();
        plane.Cluster.Committed += change =>
        {
            if (change.New is { Plural: "rollouts" } rollout)
                course.Add($"{clock.Elapsed} {rollout.Json["status"]?["phase"]} {rollout.Json["status"]?["message"]} {rollout.Json["spec"]?["template"]?["spec"]?["containers"]?[0]?["image"]}");
        };
        clock.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var running = Task.WhenAll(plane.RunAsync(stop.Token), kubelet.RunAsync(stop.Token));
            await controller.StartAsync(stop.Token);
            plane.Cluster.Create("rollouts", Yaml.Parse(new RolloutBuilder(Manifests.Template("v1")) { MaxErrorRate = null, Service = null }.Yaml().Replace("metadata: {", "metadata: {namespace: default, ", StringComparison.Ordinal)));
            await Task.Delay(TimeSpan.FromMinutes(1), clock, stop.Token);
            plane.Cluster.Change("rollouts", "default", "shop", rollout => rollout["spec"]!["template"] = Yaml.Parse(Manifests.Template("v2")));
            await Task.Delay(TimeSpan.FromHours(1), clock, stop.Token);
            await controller.StoppingAsync(CancellationToken.None);
            stop.Cancel();
            await running.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.FromCurrentSynchronizationContext());
        });
        return course;
    }
}
