using System.Diagnostics.Metrics;

namespace RolloutController.Notifications;

/// <summary>What the controller counts of notifications.</summary>
internal static class NotificationInstruments
{
    /// <summary>The meter's name.</summary>
    public const string Name = "RolloutController.Notifications";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Notifications = Meter.CreateCounter<long>("rollout_notifications_total");

    /// <summary>Counts a notification.</summary>
    /// <param name="sink">The sink's name.</param>
    /// <param name="outcome">sent, failed or dropped.</param>
    /// <param name="count">How many.</param>
    public static void Count(string sink, string outcome, int count = 1) => Notifications.Add(count, new("sink", sink), new("outcome", outcome));
}
