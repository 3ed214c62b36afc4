using RolloutController.Api;

namespace RolloutController.Tests.Faults;

/// <summary>The stories whose calls are hit by every fault. They are as small as what they tell allows.</summary>
internal static class Stories
{
    private const string Steps = """
        steps: [{weight: 25, hold: 6s}, {weight: 50, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        scaleDownDelay: 3s
        """;

    /// <summary>A good version goes up.</summary>
    public static FaultStory Promote { get; } = new("promote", Steps, async bed =>
    {
        bed.Ship("2");
        await bed.UntilAtRestAsync("2");
    });

    /// <summary>A version that fails from the first step on.</summary>
    public static FaultStory BreachAtFirst { get; } = Breach(25);

    /// <summary>A version that fails in the middle.</summary>
    public static FaultStory BreachInTheMiddle { get; } = Breach(50);

    /// <summary>A version that fails at the last step.</summary>
    public static FaultStory BreachAtLast { get; } = Breach(100);

    /// <summary>A third version comes while the second is tried.</summary>
    public static FaultStory Superseded { get; } = new("superseded", Steps, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(50);
        bed.Ship("3");
        await bed.UntilAtRestAsync("3");
    });

    /// <summary>The first version is asked for again while the second is tried.</summary>
    public static FaultStory Reverted { get; } = new("reverted", Steps, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(50);
        bed.Ship("1");
        await bed.UntilAtRestAsync("1");
    });

    /// <summary>The Rollout is deleted while the second version is tried.</summary>
    public static FaultStory Deleted { get; } = new("deleted", Steps, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(50);
        bed.Cluster.Delete("rollouts", "default", "shop");
        await bed.UntilAsync(() => bed.Rollout is null, "the Rollout to be gone");
    });

    /// <summary>A version that was promoted is undone, while the pods of the one before are still there however long a write hangs.</summary>
    public static FaultStory Undone { get; } = new("undone", Steps.Replace("scaleDownDelay: 3s", "scaleDownDelay: 60s", StringComparison.Ordinal), async bed =>
    {
        bed.Ship("2");
        await bed.UntilAsync(() => bed.Status.State is Promoting { Stage: ConclusionStage.Settling } or AtRest && bed.Status.StableRevision == bed.RevisionOf("2"), "it to be promoted");
        bed.Operate(OperationVerb.Undo, bed.RevisionOf("1"));
        await bed.UntilAtRestAsync("1");
    });

    /// <summary>A Deployment's pods are taken over, and its next version goes up.</summary>
    public static FaultStory Adopted { get; } = new("adopted", Steps, async bed =>
    {
        bed.Ship("2");
        await bed.UntilAtRestAsync("2");
    })
    {
        Settings = new FaultSettings { Workload = true },
    };

    /// <summary>A version fails while it is monitored.</summary>
    public static FaultStory Monitored { get; } = new("monitored", """
        steps: [{weight: 50, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        monitor: {duration: 60s}
        scaleDownDelay: 3s
        """, async bed =>
    {
        bed.Ship("2");
        await bed.UntilAsync(() => bed.Status.State is Progressing { Stage: StepStage.Monitoring }, "it to be monitored");
        bed.Fail("2");
        await bed.UntilAsync(() => bed.Status.FailedRevision.Length > 0, "it to fail");
        await bed.UntilAtRestAsync("1");
    });

    /// <summary>A step is skipped, and then all that are left: no hold is waited for, and no number of requests is enough.</summary>
    public static FaultStory Skipped { get; } = new("skipped", """
        steps: [{weight: 25, hold: 20m}, {weight: 50, hold: 20m}, {weight: 75, hold: 20m}, {weight: 100, hold: 20m}]
        analysis: {interval: 5s, errorRate: {max: 5%, minRequests: 100000}}
        scaleDownDelay: 3s
        """, async bed =>
    {
        bed.Ship("2");
        await bed.UntilJudgedAsync(25);
        bed.Operate(OperationVerb.Skip, bed.RevisionOf("2"));
        await bed.UntilJudgedAsync(50);
        // What was skipped is one step: this one stays.
        await bed.PassAsync(TimeSpan.FromSeconds(3));
        bed.Operate(OperationVerb.PromoteFull, bed.RevisionOf("2"));
        await bed.UntilAtRestAsync("2");
    });

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FaultStory> All { get; } =
        [Promote, BreachAtFirst, BreachInTheMiddle, BreachAtLast, Superseded, Reverted, Deleted, Undone, Adopted, Monitored, Skipped];

    private static FaultStory Breach(int weight) => new($"breach at {weight} %", Steps.Replace("weight: 100, hold: 6s", "weight: 100, hold: 12s", StringComparison.Ordinal), async bed =>
    {
        bed.FailFrom("2", weight);
        bed.Ship("2");
        await bed.UntilAsync(() => bed.Status.FailedRevision.Length > 0, "it to fail");
        await bed.UntilAtRestAsync("1");
    });
}
