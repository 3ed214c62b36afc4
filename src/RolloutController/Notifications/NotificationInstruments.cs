using System.Diagnostics.Metrics;

namespace RolloutController.Notifications;

/// <summary>What the controller counts of notifications.</summary>
internal static class NotificationInstruments
{
    /// <summary>The meter's name.</summary>
    public const string Name = "RolloutController.Notifications";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Notifications = Meter.CreateCounter<long>("rollout_notifications_total");

    /// <summary>The sink took it.</summary>
    public const string Sent = "sent";

    /// <summary>The sink did not take it, and was not asked again.</summary>
    public const string Failed = "failed";

    /// <summary>It was not asked to the end.</summary>
    public const string Dropped = "dropped";

    private static readonly string[] Outcomes = [Sent, Failed, Dropped];

    /// <summary>Begins the series of a sink: one that appears with its first increment hides that from <c>rate</c>.</summary>
    /// <param name="sink">The sink's name.</param>
    public static void Begin(string sink)
    {
        foreach (var outcome in Outcomes)
            Count(sink, outcome, 0);
    }

    /// <summary>Counts a notification.</summary>
    /// <param name="sink">The sink's name.</param>
    /// <param name="outcome">sent, failed or dropped.</param>
    /// <param name="count">How many.</param>
    public static void Count(string sink, string outcome, int count = 1) => Notifications.Add(count, new("sink", sink), new("outcome", outcome));
}
