using System.Globalization;
using System.Text;

namespace RolloutController.Kubernetes;

/// <summary>One thing that happened, to be told as an event.</summary>
internal sealed record Occurrence(EventSource Regarding, EventType Type, string Reason, string Action, string Note, DateTimeOffset Time)
{
    /// <summary>
    /// What makes two occurrences one series. The note belongs to it, as the API does not let a stored event's note change and the
    /// later one would be lost; the object's version does not, as it moves with every step.
    /// </summary>
    public Occurrence SeriesKey => this with { Regarding = Regarding with { ResourceVersion = "" }, Time = default };
}

/// <summary>An event in the API and how often it happened since.</summary>
internal sealed class EventSeries(Occurrence first)
{
    // The name takes the object's, and must not get longer than the 253 characters of a name.
    private const int MaxNameOfObject = 220;

    private int _reportedCount = 1;

    /// <summary>What happened the first time.</summary>
    public Occurrence First => first;

    /// <summary>The event's key, settled before it is first sent, so that a request whose answer got lost tells nothing twice.</summary>
    public ObjectKey Key { get; } = new(first.Regarding.Namespace.Length > 0 ? first.Regarding.Namespace : "default", NewName(first));

    public int Count { get; private set; } = 1;

    public DateTimeOffset LastObserved { get; private set; } = first.Time;

    public bool HasUnreported => Count > _reportedCount;

    public DateTimeOffset LastReported { get; private set; } = first.Time;

    public void Observe(DateTimeOffset time)
    {
        Count++;
        LastObserved = time;
    }

    public void Reported(DateTimeOffset now)
    {
        _reportedCount = Count;
        LastReported = now;
    }

    private static string NewName(Occurrence first)
    {
        var name = first.Regarding.Name;
        var head = name.Length > MaxNameOfObject ? name[..MaxNameOfObject].TrimEnd('.', '-') : name;
        return string.Create(CultureInfo.InvariantCulture, $"{head}.{first.Time.UtcTicks:x}{Random.Shared.Next(0x10000):x4}");
    }
}

/// <summary>Makes a text fit to be an event's note.</summary>
internal static class EventNote
{
    // events.k8s.io/v1 refuses a note of more than 1 kB.
    private const int MaxBytes = 1024;
    private const string Ellipsis = "…";

    /// <summary>Takes control characters out, which could forge log lines or steer terminals, and cuts the text to 1024 bytes of UTF-8.</summary>
    public static string Clean(string text)
    {
        var cleaned = string.Concat(text.EnumerateRunes().Select(rune => Rune.IsControl(rune) ? " " : rune.ToString())).Trim();
        if (Encoding.UTF8.GetByteCount(cleaned) <= MaxBytes)
            return cleaned;
        var left = MaxBytes - Encoding.UTF8.GetByteCount(Ellipsis);
        var kept = cleaned.EnumerateRunes().TakeWhile(rune => (left -= rune.Utf8SequenceLength) >= 0);
        return string.Concat(kept) + Ellipsis;
    }
}
