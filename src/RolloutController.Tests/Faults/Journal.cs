using System.Globalization;
using System.Text;
using System.Text.Json;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Faults;

/// <summary>What happened in a run: calls, commits, what processes saw, and what went wrong.</summary>
internal sealed class Journal
{
    private readonly List<ApiCall> _calls = [];
    private readonly List<ViewedEvent> _events = [];
    private readonly List<(TimeSpan At, object What)> _lines = [];

    /// <summary>The calls.</summary>
    public IReadOnlyList<ApiCall> Calls => _calls;

    /// <summary>What watches brought, bookmarks left out.</summary>
    public IReadOnlyList<ViewedEvent> Events => _events;

    /// <summary>How many queries Prometheus was asked.</summary>
    public int Queries { get; set; }

    /// <summary>The calls before the story began, with version 1 deployed.</summary>
    public int CallsBefore { get; private set; }

    /// <summary>The queries before the story began.</summary>
    public int EventsBefore { get; private set; }

    /// <summary>When something was last written that matters, by anybody.</summary>
    public TimeSpan LastWrite { get; private set; }

    /// <summary>The state that a call wrote into the status; null where it wrote none.</summary>
    public RolloutState? StateAt(ApiCall call) => Commits(call, "rollouts").Select(change => JsonSerializer.Deserialize(change.New!.Utf8.Span, RolloutObject.Kind.TypeInfo)!.Status.State).FirstOrDefault();

    /// <summary>The weight that a call wrote into the route; null where it wrote none.</summary>
    public int? WeightAt(ApiCall call) => Commits(call, "httproutes").Select(change => change.New!.Json["spec"]!["rules"]![0]!["backendRefs"]!.AsArray())
        .Select(backends => backends.Where(one => (string)one!["name"]! == "shop-canary").Sum(one => (int?)one!["weight"] ?? 1)).Cast<int?>().FirstOrDefault();

    /// <summary>How many queries had been made when a call was.</summary>
    public int QueriesAt(ApiCall call) => _lines.TakeWhile(line => line.What != (object)call).Count(line => line.What is string text && text.StartsWith("query ", StringComparison.Ordinal));

    /// <summary>The story begins.</summary>
    public void Begin() => (CallsBefore, EventsBefore) = (_calls.Count, _events.Count);

    public void Add(ApiCall call)
    {
        _calls.Add(call);
        _lines.Add((call.At, call));
    }

    public void Add(ApiCall call, int code) => _lines.Add((call.At, (call.Number, code)));

    public void Add(ViewedEvent viewed, ReadOnlySpan<byte> line)
    {
        _events.Add(viewed);
    }

    public void Add(TimeSpan at, string text) => _lines.Add((at, text));

    public void Add(TimeSpan at, ObjectChange change, ApiCall? by)
    {
        if (change.Object.Plural is not ("leases" or "events"))
            LastWrite = at;
        _lines.Add((at, (change, by)));
    }

    /// <summary>Everything, a line each.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (at, what) in _lines)
        {
            var line = what switch
            {
                (ObjectChange change, var by) when change.Object.Plural is not ("events" or "endpoints" or "customresourcedefinitions") => $"  commit {change.Version}{(by is null ? "" : $" by call {((ApiCall)by).Number}")}: {Describe(change)}",
                (ObjectChange, _) => null,
                ApiCall call => call.ToString(),
                (int number, int code) => $"  call {number}: {code}",
                _ => what.ToString(),
            };
            if (line is not null)
                text.AppendLine(CultureInfo.InvariantCulture, $"{at.TotalSeconds,8:0.000} {line}");
        }
        return text.ToString();
    }

    private IEnumerable<ObjectChange> Commits(ApiCall call, string plural) =>
        _lines.Select(line => line.What).OfType<ValueTuple<ObjectChange, ApiCall?>>().Where(commit => commit.Item2 == call && commit.Item1 is { New: not null } && commit.Item1.Object.Plural == plural).Select(commit => commit.Item1);

    private static string Describe(ObjectChange change)
    {
        var verb = change switch { { Old: null } => "created", { New: null } => "deleted", _ => "changed" };
        var json = change.Object.Json;
        var what = change.Object.Plural switch
        {
            "rollouts" => $"{json["status"]?["state"]?.ToJsonString()} finalizers {json["metadata"]?["finalizers"]?.ToJsonString()} {json["status"]?["message"]} {json["status"]?["evidence"]?.ToJsonString()}",
            "replicasets" => $"{json["spec"]?["replicas"]} asked, {json["status"]?["availableReplicas"]} available",
            "services" => json["spec"]?["selector"]?.ToJsonString(),
            "httproutes" => json["spec"]?["rules"]?[0]?["backendRefs"]?.ToJsonString(),
            "pods" => json["status"]?["phase"]?.ToString(),
            "endpointslices" => $"{json["endpoints"]?.AsArray().Count(one => (bool?)one?["conditions"]?["ready"] ?? true)} ready",
            "deployments" => $"paused {json["spec"]?["paused"]}, {json["spec"]?["replicas"]} asked",
            "leases" => $"{json["spec"]?["holderIdentity"]} {json["spec"]?["leaseTransitions"]}",
            _ => "",
        };
        return $"{change.Object.Plural} {change.Object.Name} {verb} {what}";
    }
}
