using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;

namespace RolloutController.Rehearsal.Gateways;

/// <summary>Takes up the routes of one kind for a gateway.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="plural">The plural of the kind.</param>
/// <param name="gateway">The gateway, for its settings and for what is in effect.</param>
internal sealed class RouteController(EmbeddedCluster cluster, string plural, SimulatedGateway gateway) : SimulatedController(cluster)
{
    private readonly Dictionary<ObjectKey, Progress> _routes = [];

    private protected override IReadOnlyList<string> Watched { get; } = [plural, "services"];

    private protected override IEnumerable<ObjectKey> Concerned(ObjectChange change) =>
        change.Object.Plural == plural ? [change.Object.Key()] : change is { Old: not null, New: not null } ? [] : [default];

    private protected override void Reconcile(ObjectKey key)
    {
        if (key == default)
        {
            foreach (var one in Cluster.List(plural))
                LookAgain(one.Key());
            return;
        }

        if (!_routes.TryGetValue(key, out var progress))
            _routes[key] = progress = new Progress();
        if (Cluster.Find(plural, key.Namespace, key.Name) is { } route)
            Follow(route, progress);
        else
            Forget(progress);
        while (progress.Underway.TryPeek(out var next) && next.At <= Clock.GetUtcNow())
            gateway.Effect(plural, key, progress.Underway.Dequeue().Route);
        // A key waits for one moment only, the earliest that it was given: so what is due later is told anew each time.
        if (progress.NextAt is { } due)
            LookAgain(key, due - Clock.GetUtcNow());
    }

    private void Follow(StoredObject route, Progress progress)
    {
        var now = Clock.GetUtcNow();
        if (route.Uid != progress.Uid || (route.Generation() > progress.Answered && progress.AnswerAt is null))
        {
            if (route.Uid != progress.Uid)
                (progress.Uid, progress.Answered) = (route.Uid, 0);
            progress.AnswerAt = now + gateway.AcceptanceDelay;
        }

        if (gateway.IsDown)
        {
            if (progress.AnswerAt is not null)
                progress.AnswerAt = now + gateway.AcceptanceDelay;
            return;
        }

        if (progress.AnswerAt is { } due && due <= now)
        {
            progress.AnswerAt = null;
            progress.Answered = route.Generation();
            progress.Answer = gateway.Answer(route);
            if (progress.Answer == RouteAnswer.Accept)
                Propagate(progress, RouteInEffect.Read(route));
        }

        // Whether its Services are there is told anew as they come and go.
        if (progress.Answer != RouteAnswer.Ignore && progress.Answered == route.Generation())
        {
            var missing = Missing(route);
            Cluster.Change(plural, route.Namespace, route.Name, json => Report(json, route, progress.Answer, missing), "status");
        }
    }

    private void Forget(Progress progress)
    {
        if (progress.Uid is null)
            return;
        (progress.Uid, progress.AnswerAt) = (null, null);
        Propagate(progress, null);
    }

    private void Propagate(Progress progress, RouteInEffect? route) => progress.Underway.Enqueue((Clock.GetUtcNow() + gateway.PropagationDelay, route));

    /// <summary>A Service that the route names and that is not there; null when all are.</summary>
    private string? Missing(StoredObject route) => new[] { RouteInEffect.Read(route) }.SelectMany(read => read.Rules.Concat(read.HeaderRules)).SelectMany(rule => rule)
        .Where(backend => backend.Service is { } service && Cluster.Find("services", service.Namespace, service.Name) is null)
        .Select(backend => backend.Service!.Value.Name)
        .FirstOrDefault();

    private void Report(JsonObject json, StoredObject route, RouteAnswer answer, string? missing)
    {
        if (json.Text("metadata", "uid") != route.Uid || json.Number("metadata", "generation") != route.Generation())
            return;
        var status = json.Within("status");
        if (status["parents"] is not JsonArray parents)
            status["parents"] = parents = [];
        var references = json.Items("spec", "parentRefs").ToList();
        foreach (var gone in parents.Where(parent => IsOurs(parent) && !references.Any(one => JsonNode.DeepEquals(one, parent.At("parentRef")))).ToList())
            parents.Remove(gone);
        foreach (var reference in references)
            Fill(Entry(parents, reference), route.Generation(), answer, missing);
    }

    private void Fill(JsonObject parent, long generation, RouteAnswer answer, string? missing)
    {
        if (answer == RouteAnswer.Accept)
            Set("Accepted", "True", "Accepted", "");
        else
            Set("Accepted", "False", "NotAllowedByListeners", "no listener of the gateway allows this route");
        if (missing is null)
            Set("ResolvedRefs", "True", "ResolvedRefs", "");
        else
            Set("ResolvedRefs", "False", "BackendNotFound", $"Service {missing} not found");

        void Set(string type, string value, string reason, string message) =>
            StatusConditions.Set(parent, Clock.GetUtcNow(), type, value, reason, message)["observedGeneration"] = generation;
    }

    private static JsonObject Entry(JsonArray parents, JsonNode reference)
    {
        if (parents.FirstOrDefault(parent => IsOurs(parent) && JsonNode.DeepEquals(parent.At("parentRef"), reference)) is JsonObject known)
            return known;
        var entry = new JsonObject { ["parentRef"] = reference.DeepClone(), ["controllerName"] = SimulatedGateway.Name };
        parents.Add((JsonNode)entry);
        return entry;
    }

    private static bool IsOurs(JsonNode? parent) => parent.Text("controllerName") == SimulatedGateway.Name;

    /// <summary>How far a route has come.</summary>
    private sealed class Progress
    {
        public string? Uid { get; set; }

        public long Answered { get; set; }

        public RouteAnswer Answer { get; set; } = RouteAnswer.Ignore;

        public DateTimeOffset? AnswerAt { get; set; }

        public Queue<(DateTimeOffset At, RouteInEffect? Route)> Underway { get; } = [];

        public DateTimeOffset? NextAt => Underway.TryPeek(out var next) && (AnswerAt is null || next.At < AnswerAt) ? next.At : AnswerAt;
    }
}
