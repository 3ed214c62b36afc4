using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Faults;

/// <summary>
/// The laws that hold at each commit, whatever goes wrong. They keep books of their own, from commits and from the requests of users alone,
/// and take no word of the controller for it.
/// </summary>
internal sealed class CommitLaws(FaultBed bed)
{
    private const int LargestStatus = 16 * 1024;
    private const int MostCallsAMinute = 200;

    private readonly Dictionary<int, Queue<TimeSpan>> _calls = [];
    private readonly List<string> _violations = [];
    private readonly Dictionary<string, (string Service, int Ready)> _slices = [];
    private readonly HashSet<string> _breached = [];
    private readonly HashSet<int> _unjudged = [];
    private OperationVerb? _asked;
    private string? _pinned, _canary, _route;
    private int _weight, _lastWriter, _rollouts;
    private long _lost;
    private DateTimeOffset _weighedAt;
    private RolloutObject? _rollout;

    /// <summary>The laws that were broken.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Takes note of a law that was broken.</summary>
    public void Broken(string law)
    {
        if (_violations.Count < 10)
            _violations.Add($"{bed.Elapsed.TotalSeconds:0.000} s: {law}");
    }

    /// <summary>The user asks for another version: what failed before may be tried again, and is judged.</summary>
    public void Asks(string version)
    {
        Asks(version, verb: null);
        _unjudged.Clear();
    }

    /// <summary>The user asks for an operation.</summary>
    public void Asks(OperationVerb verb) => Asks(verb.ToString(), verb);

    private void Asks(string what, OperationVerb? verb)
    {
        bed.Journal.Add(bed.Elapsed, $"the user asks for {what}");
        _breached.Clear();
        _asked = verb;
    }

    /// <summary>After each second: what users felt, and what was counted.</summary>
    public void Look()
    {
        var totals = bed.Requests.Totals();
        var lost = totals.Sum(one => one.Counts.Lost);
        if (lost > _lost)
            Broken($"I2: {lost - _lost} requests met no ready pod, at {_weight} % for {_canary}, pinned to {_pinned}");
        _lost = lost;
        if (_rollout?.Status is not { State: Progressing step, Evidence: { } evidence })
            return;
        var sent = totals.Where(one => one.Revision == step.Canary).Sum(one => one.Counts.Total);
        if (evidence.AllRequests > sent)
            Broken($"I15: {evidence.AllRequests} requests were counted, of {sent}");
    }

    /// <summary>At a call: whatever fails, a Rollout costs a process only so many. Who asks for more, be it while no time passes, gets no answer any more.</summary>
    public void Check(ApiCall call, ControllerInstance process)
    {
        var calls = CollectionsMarshal.GetValueRefOrAddDefault(_calls, call.Process, out _) ??= [];
        calls.Enqueue(call.At);
        while (call.At - calls.Peek() > TimeSpan.FromMinutes(1))
            calls.Dequeue();
        if (process.IsLooping || calls.Count <= MostCallsAMinute * Math.Max(1, _rollouts))
            return;
        process.IsLooping = true;
        Broken($"I10: {calls.Count} calls in a minute; the last is {call}");
    }

    /// <summary>At a commit.</summary>
    /// <param name="change">What was committed.</param>
    /// <param name="by">The call that did it; null where it was no controller's.</param>
    public void Check(ObjectChange change, ApiCall? by)
    {
        var item = change.Object;
        if (by is { IsLease: false } && item.Plural != "events")
            Writes(by);
        if (item.Plural == "rollouts")
            _rollouts += (change.New is null ? 0 : 1) - (change.Old is null ? 0 : 1);
        switch (item.Plural)
        {
            case "endpointslices":
                _slices[item.Name] = change.New is null ? ("", 0) : ((string?)item.Json["metadata"]!["labels"]!["kubernetes.io/service-name"] ?? "", Ready(item.Json));
                break;
            case "services" when item.Name == "shop":
                _pinned = change.New is null ? null : Selects(item.Json);
                break;
            case "services" when item.Name == "shop-canary":
                _canary = change.New is null ? null : Selects(item.Json);
                break;
            case "httproutes" when change.New is { } route:
                Route(route.Json, by);
                break;
            case "replicasets" when change is { Old: { } before, New: { } now } && by is not null:
                Scale(before.Json, now.Json);
                break;
            case "rollouts" when item.Name == "shop":
                Rollout(change);
                break;
        }
    }

    /// <summary>
    /// A creation names no version that its successor could have changed: one that arrives late succeeds where the object has come and gone
    /// meanwhile. What is owed is that it changes nothing in the end.
    /// </summary>
    private void Writes(ApiCall by)
    {
        if (by.Process < _lastWriter && by.Verb != "create")
            Broken($"I7: {by} is committed after process {_lastWriter} began to write");
        _lastWriter = Math.Max(_lastWriter, by.Process);
    }

    private void Route(JsonObject route, ApiCall? by)
    {
        var rest = route["spec"]!.DeepClone().AsObject();
        var backends = rest["rules"]![0]!["backendRefs"]!.AsArray();
        rest["rules"]![0]!.AsObject().Remove("backendRefs");
        _route ??= rest.ToJsonString();
        if (_route != rest.ToJsonString())
            Broken($"I1: what is not ours changed in the route: {rest.ToJsonString()}");
        var weights = backends.ToLookup(one => (string)one!["name"]!, one => (int?)one!["weight"] ?? 1);
        var (stable, canary) = (weights["shop"].Sum(), weights["shop-canary"].Sum());
        if (stable + canary == 0 || stable < 0 || canary < 0 || (canary > 0 && stable + canary != 100))
            Broken($"I1: weights {backends.ToJsonString()}");
        var weight = stable + canary == 0 ? 0 : 100 * canary / (stable + canary);
        if (weight != _weight && by is not null)
            Weight(weight);
        if (weight != _weight)
            (_weight, _weighedAt) = (weight, bed.Now);
    }

    private void Weight(int weight)
    {
        if (weight > 0 && ReadyOf("shop-canary") == 0)
            Broken($"I2: {weight} % for shop-canary, which has no ready endpoint");
        if (weight < 100 && ReadyOf("shop") == 0 && !IsBlocked)
            Broken($"I2: {100 - weight} % for shop, which has no ready endpoint");
        if (weight <= _weight)
        {
            if (weight != 0)
                Broken($"I4: the weight falls from {_weight} to {weight} %");
            return;
        }
        if (_canary is not null && _breached.Contains(_canary))
            Broken($"I3: {_canary} failed, and its weight goes up from {_weight} to {weight} %");
        if (_rollout is not { } rollout)
            return;
        if (!rollout.Spec.Steps.Any(step => step.Weight == weight))
            Broken($"I4: {weight} % is no step");
        if (rollout.Status.State is not Progressing decided || decided.Weight != weight)
            Broken($"I5: {weight} % is set, and the status says {rollout.Status.State}");
        if (_weight > 0 && !_unjudged.Contains(_weight) && bed.Now - _weighedAt < rollout.Spec.StepAt(_weight).Hold)
            Broken($"I5: {_weight} % was carried for {bed.Now - _weighedAt} only");
    }

    private void Scale(JsonObject before, JsonObject now)
    {
        var (was, replicas) = ((int)before["spec"]!["replicas"]!, (int)now["spec"]!["replicas"]!);
        var revision = (string?)now["metadata"]!["labels"]?["pod-template-hash"];
        var needed = (int)Math.Ceiling(bed.Settings.PodCount * (100 - _weight) / 100.0);
        if (replicas < was && revision == _pinned && replicas < needed && _rollout?.Spec.Replicas != 0)
            Broken($"I11: {revision} is scaled from {was} to {replicas} pods, and carries {100 - _weight} %");
    }

    private void Rollout(ObjectChange change)
    {
        var before = _rollout;
        _rollout = change.New is { } now ? JsonSerializer.Deserialize(now.Utf8.Span, RolloutObject.Kind.TypeInfo) : null;
        if (_rollout is not { } rollout || !rollout.Metadata.Finalizers.Contains(RolloutObject.Finalizer))
        {
            if (_weight > 0 || _pinned is not null)
                Broken($"I12: without the finalizer the route gives {_weight} %, and the Service is pinned to {_pinned ?? "nothing"}");
            if (_rollout is null)
                return;
            rollout = _rollout;
        }

        var status = rollout.Status;
        if (status.FailedRevision.Length > 0 && status.FailedRevision != before?.Status.FailedRevision)
            _breached.Add(status.FailedRevision);
        if (change.New!.Json["status"]?.ToJsonString().Length > LargestStatus)
            Broken("I10: the status is larger than 16 KiB");
        if (status.ObservedGeneration > rollout.Metadata.Generation || status.Conditions.Any(condition => condition.ObservedGeneration > rollout.Metadata.Generation))
            Broken($"I8: generation {status.ObservedGeneration} is observed of {rollout.Metadata.Generation}");
        if (status.State is Progressing { IsRouted: true } && status.Weight > _weight)
            Broken($"I8: status.weight is {status.Weight}, and the route gives {_weight} %");
        if (status.Conditions.Any(condition => condition is { Type: "Succeeded", Status: "True" }) && _weight > 0)
            Broken($"I8: it has succeeded, and the route still gives {_weight} %");
        Waives(before?.Status, rollout);
        Advances(before?.Status, rollout);
    }

    /// <summary>What goes on without a pass is what a user asked for: the step that ran, once, or all that were left.</summary>
    private void Waives(RolloutStatus? before, RolloutObject rollout)
    {
        if (rollout.Status.State is not InFlight { Waiver: { } waiver } || waiver == (before?.State as InFlight)?.Waiver)
            return;
        if (_asked is not (OperationVerb.Skip or OperationVerb.PromoteFull))
            Broken($"I5: {waiver}, which nobody asked for");
        var from = before?.State is Progressing step ? step.Weight : 0;
        _unjudged.UnionWith(rollout.Spec.Steps.Select(one => one.Weight).Where(weight => weight == from || (weight > from && _asked == OperationVerb.PromoteFull)));
        _asked = null;
    }

    /// <summary>A pass is in status before the next weight is.</summary>
    private void Advances(RolloutStatus? before, RolloutObject rollout)
    {
        if (before?.State is not Progressing { Stage: StepStage.Judging } was || rollout.Spec.Analysis?.ErrorRate is not { MinRequests: { } needed })
            return;
        var goesOn = rollout.Status.State is Promoting || (rollout.Status.State is Progressing next && next.Canary == was.Canary && next.Weight > was.Weight);
        if (!goesOn || _unjudged.Contains(was.Weight))
            return;
        if (bed.Now - _weighedAt < rollout.Spec.StepAt(was.Weight).Hold)
            Broken($"I5: it goes on from {was.Weight} %, which was carried for {bed.Now - _weighedAt} only");
        // A promotion takes the evidence out of the status.
        if (rollout.Status.Evidence is { } evidence && (evidence.Class != nameof(DataClass.Ok) || evidence.Requests < needed))
            Broken($"I5: it goes on from {was.Weight} % on {evidence.Requests} requests, {evidence.Class}");
    }

    private bool IsBlocked => _rollout?.Status.Conditions.Any(condition => condition.Reason == "RollbackBlocked") ?? false;

    private int ReadyOf(string service) => _slices.Values.Where(slice => slice.Service == service).Sum(slice => slice.Ready);

    private static int Ready(JsonObject slice) => slice["endpoints"] is JsonArray endpoints ? endpoints.Count(one => (bool?)one!["conditions"]?["ready"] ?? true) : 0;

    private static string? Selects(JsonObject service) => (string?)service["spec"]!["selector"]?["pod-template-hash"];
}
