using System.Globalization;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>How a pod turns out. A template chooses by the annotation <see cref="PodAnnotations.Behaviour"/>.</summary>
internal enum PodBehaviour
{
    /// <summary><c>ready</c>: runs and is ready after the start-up delay.</summary>
    Ready,

    /// <summary><c>never-ready</c>: runs, but its readiness probe fails.</summary>
    NeverReady,

    /// <summary><c>crash-loop</c>: its container exits again and again.</summary>
    CrashLoop,

    /// <summary><c>image-pull</c>: its image cannot be pulled.</summary>
    ImagePull,

    /// <summary><c>unschedulable</c>: no node takes it.</summary>
    Unschedulable,

    /// <summary><c>succeeds</c>: its container exits without an error, as that of a Job.</summary>
    Succeeds,

    /// <summary><c>fails</c>: its container exits with an error.</summary>
    Fails,
}

/// <summary>What a pod template tells the test bed.</summary>
internal static class PodAnnotations
{
    /// <summary>One of <c>ready</c>, <c>never-ready</c>, <c>crash-loop</c>, <c>image-pull</c>, <c>unschedulable</c>, <c>succeeds</c>, <c>fails</c>.</summary>
    public const string Behaviour = "test.rollouts.dev/behaviour";

    /// <summary>How long the pod takes to become ready, in milliseconds, instead of the player's default.</summary>
    public const string StartDelay = "test.rollouts.dev/start-delay-ms";

    /// <summary>The percentage of requests that the pod answers with 500, 0 to 100; decimals are allowed.</summary>
    public const string FailPercent = "test.rollouts.dev/fail-percent";

    /// <summary>How long a real pod goes on serving after SIGTERM, in milliseconds.</summary>
    public const string Drain = "test.rollouts.dev/drain-ms";

    public static PodBehaviour BehaviourOf(JsonNode pod) => pod.Annotation(Behaviour) switch
    {
        null or "ready" => PodBehaviour.Ready,
        "never-ready" => PodBehaviour.NeverReady,
        "crash-loop" => PodBehaviour.CrashLoop,
        "image-pull" => PodBehaviour.ImagePull,
        "unschedulable" => PodBehaviour.Unschedulable,
        "succeeds" => PodBehaviour.Succeeds,
        "fails" => PodBehaviour.Fails,
        var other => throw new ArgumentException($"{Behaviour} is {other}; write ready, never-ready, crash-loop, image-pull, unschedulable, succeeds or fails."),
    };

    public static TimeSpan? StartDelayOf(JsonNode pod) =>
        pod.Annotation(StartDelay) is { } text ? TimeSpan.FromMilliseconds(double.Parse(text, CultureInfo.InvariantCulture)) : null;

    /// <summary>The share of requests that fail, 0 to 1.</summary>
    public static double FailShareOf(JsonNode pod) =>
        pod.Annotation(FailPercent) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) / 100 : 0;

    /// <summary>The version that a pod runs: the tag of its first container's image.</summary>
    public static string VersionOf(JsonNode pod) => pod.Text("spec.containers.0.image")?.Split(':')[^1] ?? "";
}
