using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>The statuses that a kubelet would report, as patches of a pod's status subresource.</summary>
internal static class PodStatus
{
    private const string NotReadyReason = "ContainersNotReady";

    public static JsonObject Ready(JsonNode pod, string ip, string startedAt) =>
        Running(pod, ip, startedAt, Containers(pod, true, 0, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = startedAt } }), null);

    public static JsonObject NotReady(JsonNode pod, string ip, string startedAt) =>
        Running(pod, ip, startedAt, Containers(pod, false, 0, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = startedAt } }), NotReadyReason);

    public static JsonObject CrashLoop(JsonNode pod, string ip, string startedAt, int restarts)
    {
        var waiting = Waiting("CrashLoopBackOff", "back-off 10s restarting failed container");
        var containers = Containers(pod, false, restarts, waiting);
        foreach (var container in containers)
            container!["lastState"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 1, ["reason"] = "Error", ["finishedAt"] = Now() } };
        return Running(pod, ip, startedAt, containers, NotReadyReason);
    }

    public static JsonObject ImagePull(JsonNode pod, string ip, string startedAt)
    {
        var waiting = Waiting("ImagePullBackOff", $"Back-off pulling image \"{pod.Text("spec.containers.0.image")}\"");
        var patch = Running(pod, ip, startedAt, Containers(pod, false, 0, waiting), NotReadyReason);
        patch["status"]!["phase"] = "Pending";
        return patch;
    }

    /// <summary>A pod whose containers have exited.</summary>
    public static JsonObject Ended(JsonNode pod, string ip, string startedAt, int exitCode)
    {
        var terminated = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = exitCode, ["reason"] = exitCode == 0 ? "Completed" : "Error", ["startedAt"] = startedAt, ["finishedAt"] = Now() } };
        var patch = Running(pod, ip, startedAt, Containers(pod, false, 0, terminated), "PodCompleted");
        patch["status"]!["phase"] = exitCode == 0 ? "Succeeded" : "Failed";
        return patch;
    }

    public static JsonObject Unschedulable() => new()
    {
        ["status"] = new JsonObject
        {
            ["phase"] = "Pending",
            ["conditions"] = new JsonArray(Condition("PodScheduled", false, "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu.")),
        },
    };

    /// <summary>The present time as the API writes it, to the second.</summary>
    public static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);

    private static JsonObject Running(JsonNode pod, string ip, string startedAt, JsonArray containers, string? notReady)
    {
        var message = notReady is null ? null : $"containers with unready status: [{string.Join(' ', ContainerNames(pod))}]";
        return new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["podIP"] = ip,
                ["podIPs"] = new JsonArray(new JsonObject { ["ip"] = ip }),
                ["hostIP"] = "10.244.0.1",
                ["startTime"] = startedAt,
                ["containerStatuses"] = containers,
                ["conditions"] = new JsonArray(
                    Condition("Initialized", true),
                    Condition("ContainersReady", notReady is null, notReady, message),
                    Condition("Ready", notReady is null, notReady, message)),
            },
        };
    }

    private static JsonArray Containers(JsonNode pod, bool ready, int restarts, JsonObject state) => new([.. pod.Each("spec.containers").Select(container => new JsonObject
    {
        ["name"] = container.Text("name"),
        ["image"] = container.Text("image"),
        ["imageID"] = "",
        ["ready"] = ready,
        ["started"] = ready,
        ["restartCount"] = restarts,
        ["state"] = state.DeepClone(),
    })]);

    private static JsonObject Waiting(string reason, string message) =>
        new() { ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = message } };

    private static JsonObject Condition(string type, bool status, string? reason = null, string? message = null) => new()
    {
        ["type"] = type,
        ["status"] = status ? "True" : "False",
        ["lastTransitionTime"] = Now(),
        ["reason"] = reason,
        ["message"] = message,
    };

    private static IEnumerable<string?> ContainerNames(JsonNode pod) => pod.Each("spec.containers").Select(container => container.Text("name"));
}
