using System.Reflection;
using RolloutController.Api;
using RolloutController.Notifications;
using RolloutController.Planning;

namespace RolloutController.Tests.Notifications;

/// <summary>Notifications of the Rollout <c>default/shop</c>.</summary>
internal static class Told
{
    public static readonly DateTimeOffset Time = new(2026, 3, 5, 10, 0, 0, 250, TimeSpan.Zero);

    public static readonly Rollback Rollback = new()
    {
        Revision = "b2",
        Check = "errorRate",
        Reason = "ErrorRateBreached",
        Message = "at 5 %: <5 errors & more>",
        Time = Time,
        Value = "7.99 %",
        Threshold = "0.5 %",
        Requests = 288,
        Errors = 23,
    };

    /// <summary>Revision b2 is rolled back.</summary>
    public static Notification RolledBack { get; } = Of(new Notice(EventReason.RolledBack, $"b2 is rolled back: {Rollback.Message}", Severity.P1) { Rollback = Rollback });

    public static Notification Of(Severity severity, string reason = "Something", string @namespace = "default", string uid = "u1") =>
        Of(new Notice(Reason(reason), $"{reason} happened", severity)) with { Namespace = @namespace, Uid = uid };

    /// <summary>A reason that the controller does not have, or has: what tells notifications apart must not rest on which they are.</summary>
    public static EventReason Reason(string word) =>
        (EventReason)Activator.CreateInstance(typeof(EventReason), BindingFlags.Instance | BindingFlags.NonPublic, null, [word], null)!;

    public static Notification Of(Notice notice, string uid = "u1", long generation = 7, RolloutState? state = null) => new(
        "default", "shop", uid,
        new RolloutStatus
        {
            ObservedGeneration = generation,
            State = state ?? new RollingBack("a1", "b2", null, ConclusionStage.Pinning, Time, RollbackCause.Failed),
            Phase = Phase.RollingBack,
            StableRevision = "a1",
            CanaryRevision = "b2",
            Step = "1/4",
            Weight = 5,
        },
        notice,
        Time)
    { Images = ["shop:2"] };
}
