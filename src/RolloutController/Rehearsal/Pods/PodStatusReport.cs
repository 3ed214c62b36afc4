using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal.Pods;

/// <summary>The status of a pod as a kubelet writes it. All containers of a pod do the same here.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="State">The state of each container.</param>
internal sealed record PodStatusReport(string Phase, JsonObject State)
{
    /// <summary>Whether the containers are ready.</summary>
    public bool IsReady { get; init; }

    /// <summary>How often the containers were started anew.</summary>
    public int Restarts { get; init; }

    /// <summary>How the containers ended before; null where they did not.</summary>
    public JsonObject? LastState { get; init; }

    public static PodStatusReport Creating() => new("Pending", Waiting("ContainerCreating"));

    public static PodStatusReport Running(DateTimeOffset since, bool ready) =>
        new("Running", new JsonObject { ["running"] = new JsonObject { ["startedAt"] = KubernetesTime.Format(since) } }) { IsReady = ready };

    public static PodStatusReport Ended(DateTimeOffset since, DateTimeOffset now, int exitCode) =>
        new(exitCode == 0 ? "Succeeded" : "Failed", Terminated(since, now, exitCode));

    public static PodStatusReport PullFails(string reason, string message) => new("Pending", Waiting(reason, message));

    public static PodStatusReport BacksOff(TimeSpan wait, string pod) =>
        new("Running", Waiting("CrashLoopBackOff", $"back-off {Short(wait)} restarting failed container of pod {pod}"));

    public static JsonObject Terminated(DateTimeOffset since, DateTimeOffset now, int exitCode) => new()
    {
        ["terminated"] = new JsonObject
        {
            ["exitCode"] = exitCode,
            ["reason"] = exitCode == 0 ? "Completed" : "Error",
            ["startedAt"] = KubernetesTime.Format(since),
            ["finishedAt"] = KubernetesTime.Format(now),
        },
    };

    /// <summary>Writes the status of a pod that is bound.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="address">Its address.</param>
    /// <param name="boundAt">When it was bound.</param>
    /// <param name="now">The time.</param>
    public void Write(JsonObject pod, string address, DateTimeOffset boundAt, DateTimeOffset now)
    {
        var status = pod.Within("status");
        status["phase"] = Phase;
        status["hostIP"] = PodAddresses.Node;
        status["hostIPs"] = Addresses(PodAddresses.Node);
        status["startTime"] = KubernetesTime.Format(boundAt);
        if (Phase == "Running")
        {
            status["podIP"] = address;
            status["podIPs"] = Addresses(address);
        }

        status["containerStatuses"] = new JsonArray([.. pod.Items("spec", "containers").Select(Container)]);
        if (pod.Items("spec", "initContainers").Any())
            status["initContainerStatuses"] = new JsonArray([.. pod.Items("spec", "initContainers").Select(container => Initial(container, boundAt, now))]);
        Conditions(status, pod, now);
    }

    /// <summary>Writes the status of a pod that no node takes.</summary>
    public static void WriteUnschedulable(JsonObject pod, DateTimeOffset now)
    {
        var status = pod.Within("status");
        status["phase"] = "Pending";
        Condition(status, now, "PodScheduled", false, "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.");
    }

    private void Conditions(JsonObject status, JsonObject pod, DateTimeOffset now)
    {
        var names = string.Join(' ', pod.Items("spec", "containers").Select(container => container.Text("name")));
        var (reason, message) = Phase switch
        {
            "Succeeded" => ("PodCompleted", null),
            "Failed" => ("PodFailed", null),
            _ when IsReady => (null, null),
            _ => ((string?)"ContainersNotReady", (string?)$"containers with unready status: [{names}]"),
        };
        Condition(status, now, "PodReadyToStartContainers", Phase == "Running");
        Condition(status, now, "Initialized", true);
        Condition(status, now, "Ready", IsReady, reason, message);
        Condition(status, now, "ContainersReady", IsReady, reason, message);
        Condition(status, now, "PodScheduled", true);
    }

    private JsonObject Container(JsonNode container) => new()
    {
        ["name"] = container.Text("name"),
        ["state"] = State.DeepClone(),
        ["lastState"] = LastState?.DeepClone() ?? new JsonObject(),
        ["ready"] = IsReady,
        ["started"] = State.ContainsKey("running"),
        ["restartCount"] = Restarts,
        ["image"] = container.Text("image"),
        ["imageID"] = "",
    };

    /// <summary>Containers that run before the others have done so; those that go on beside them (sidecars) run.</summary>
    private static JsonObject Initial(JsonNode container, DateTimeOffset boundAt, DateTimeOffset now) => new()
    {
        ["name"] = container.Text("name"),
        ["state"] = container.Text("restartPolicy") == "Always" ? Running(boundAt, true).State : Terminated(boundAt, boundAt <= now ? boundAt : now, 0),
        ["lastState"] = new JsonObject(),
        ["ready"] = true,
        ["started"] = container.Text("restartPolicy") == "Always",
        ["restartCount"] = 0,
        ["image"] = container.Text("image"),
        ["imageID"] = "",
    };

    private static void Condition(JsonObject status, DateTimeOffset now, string type, bool value, string? reason = null, string? message = null)
    {
        var condition = StatusConditions.Set(status, now, type, value ? "True" : "False", reason, message);
        condition["lastProbeTime"] = null;
    }

    private static JsonObject Waiting(string reason, string? message = null)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
            waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }

    private static JsonArray Addresses(string address) => new(new JsonObject { ["ip"] = address });

    private static string Short(TimeSpan wait) => wait < TimeSpan.FromMinutes(1)
        ? $"{wait.Seconds}s"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(int)wait.TotalMinutes}m{wait.Seconds}s");
}
