using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>What a gateway says about a version of a route.</summary>
internal enum RouteAnswer
{
    /// <summary>Accepted, with all references resolved; a reference to a Service that is not there is told as <c>BackendNotFound</c>.</summary>
    Accept,

    /// <summary>Accepted=False with the reason <c>NotAllowedByListeners</c>.</summary>
    Refuse,

    /// <summary>Nothing: the status stays at the generation before.</summary>
    Ignore,
}

/// <summary>Plays the Gateway controller of a namespace: answers each generation of an HTTPRoute or GRPCRoute in its status.</summary>
internal sealed class GatewayPlayer : IAsyncDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<string, long> _seen = [];
    private readonly ConcurrentBag<Task> _answering = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ClusterApi _api;
    private readonly string _namespace;
    private readonly List<LiveList> _live = [];

    private GatewayPlayer(ClusterApi api, string @namespace) => (_api, _namespace) = (api, @namespace);

    /// <summary>How long the gateway takes to answer.</summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>What it answers to a version of a route that it sees from now on.</summary>
    public Func<JsonObject, RouteAnswer> Answer { get; set; } = _ => RouteAnswer.Accept;

    /// <summary>Starts to play; routes that are there already are answered too.</summary>
    public static async Task<GatewayPlayer> StartAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken)
    {
        var player = new GatewayPlayer(api, @namespace);
        foreach (var path in new[] { ClusterPath.HttpRoutes(@namespace), ClusterPath.GrpcRoutes(@namespace) })
            player._live.Add(await LiveList.StartAsync(api, path, cancellationToken, player.Take));
        return player;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var live in _live)
            await live.DisposeAsync();
        await _stop.CancelAsync();
        try
        {
            await Task.WhenAll(_answering);
        }
        catch (OperationCanceledException)
        {
        }
        _stop.Dispose();
    }

    private void Take(ClusterEvent change)
    {
        var route = change.Object;
        var generation = route.Number("metadata.generation");
        if (change.Type == "DELETED" || _seen.GetValueOrDefault(route.Uid()) >= generation)
            return;
        _seen[route.Uid()] = generation;
        _answering.Add(AnswerAsync(route, generation));
    }

    private async Task AnswerAsync(JsonObject route, long generation)
    {
        var answer = Answer(route);
        if (answer == RouteAnswer.Ignore)
            return;
        await Task.Delay(Delay, TimeProvider.System, _stop.Token);
        while (_seen[route.Uid()] == generation)
        {
            var missing = await MissingBackendAsync(route);
            if (!await TryReportAsync(route, RouteStatus.Of(route, answer == RouteAnswer.Accept, missing)) || missing is null)
                return;
            await Task.Delay(Retry, TimeProvider.System, _stop.Token);
        }
    }

    private async Task<string?> MissingBackendAsync(JsonObject route)
    {
        foreach (var service in route.Each("spec.rules").SelectMany(rule => rule.Each("backendRefs")).Select(entry => entry.Text("name")!).Distinct())
        {
            if (await _api.GetAsync(ClusterPath.Services(_namespace, service), _stop.Token) is null)
                return service;
        }
        return null;
    }

    private async Task<bool> TryReportAsync(JsonObject route, JsonObject status)
    {
        try
        {
            await _api.MergeAsync(ClusterPath.Of(route) + "/status", status, _stop.Token);
            return true;
        }
        catch (ClusterApiException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }
    }
}
