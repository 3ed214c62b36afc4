using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Cluster.Systems;

/// <summary>A server behind each pod, on the pod's own IP, that answers as a story says; pods of Jobs end as it says.</summary>
/// <param name="story">The story.</param>
/// <param name="newTag">The tag of the new version's image.</param>
internal sealed class StoryPods(Scenario story, string newTag) : IPodRuntime
{
    private readonly ConcurrentDictionary<string, WebApplication> _servers = [];

    public PodBehaviour? BehaviourOf(JsonObject pod)
    {
        if (pod.Label("job-name") is null)
            return null;
        // Jobs come with the new version: the first one is deployed without checks.
        var job = story.Canary.JobOf(pod.Label("rollouts.dev/check"));
        return job.Conduct == PodConduct.Fails ? PodBehaviour.Fails : PodBehaviour.Succeeds;
    }

    public async Task StartAsync(JsonObject pod, string ip, CancellationToken cancellationToken)
    {
        var conduct = PodAnnotations.VersionOf(pod) == newTag ? story.Canary : story.Stable;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(ip), (int)pod.Number("spec.containers.0.ports.0.containerPort")));
        var server = _servers[pod.Uid()] = builder.Build();
        server.Run(context => AnswerAsync(context, conduct));
        await server.StartAsync(cancellationToken);
    }

    public async Task StopAsync(JsonObject pod, CancellationToken cancellationToken)
    {
        if (_servers.TryRemove(pod.Uid(), out var server))
            await server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values)
            await server.DisposeAsync();
    }

    private static async Task AnswerAsync(HttpContext context, VersionConduct conduct)
    {
        var answer = conduct.Answer(new PodRequest(null!, context.Request.Path, name => context.Request.Headers[name]), TimeSpan.Zero);
        context.Response.StatusCode = (int)answer.Status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        await context.Response.WriteAsync(answer.Body, context.RequestAborted);
    }
}
