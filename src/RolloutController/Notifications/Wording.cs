using System.Globalization;

namespace RolloutController.Notifications;

/// <summary>A notification in words, for the formats that people read.</summary>
internal static class Wording
{
    /// <summary>What it is about, in a line.</summary>
    public static string Title(Notification told) => $"{told.Notice.Severity} {told.Notice.Reason}: {told.Rollout}";

    /// <summary>Where the rollout is, in a line.</summary>
    public static string Place(Notification told) => string.Join(" · ", [
        $"revision {told.Revision}",
        string.Create(CultureInfo.InvariantCulture, $"step {told.Status.Step}, {told.Status.Weight} %"),
        .. told.Images,
    ]);

    /// <summary>A text, cut to a number of characters.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");
}
