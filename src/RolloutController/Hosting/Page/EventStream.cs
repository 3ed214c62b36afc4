using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// The server-sent events of one page: the whole state first, then what changes, a few times a second at the most. A page that comes
/// back is told the whole state again, so nothing has to be remembered for it.
/// </summary>
/// <param name="feed">What there is to tell.</param>
/// <param name="host">The process' own state.</param>
/// <param name="clock">The clock.</param>
internal sealed class EventStream(RolloutFeed feed, PageHost host, TimeProvider clock)
{
    /// <summary>The time between two looks at the process' own state.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    /// <summary>The time between two signs of life; the page calls the connection lost without one for three times as long.</summary>
    public static readonly TimeSpan Ping = TimeSpan.FromSeconds(10);

    /// <summary>The time that at least lies between two messages, so that a burst of changes is one.</summary>
    public static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(200);

    /// <summary>Lines of the list in one message.</summary>
    private const int MaxLines = 500;

    /// <summary>Tells of one Rollout, or of all, until it is cancelled.</summary>
    /// <param name="follower">Who follows.</param>
    /// <param name="only">The Rollout; null for all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> ReadAsync(FeedFollower follower, ObjectKey? only, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, string>();
        var pinged = clock.GetTimestamp();
        IReadOnlyCollection<ObjectKey>? changed = null;
        while (true)
        {
            foreach (var item in Host(told).Concat(only is { } one ? Detail(one, told) : List(changed)))
            {
                pinged = clock.GetTimestamp();
                yield return item;
            }

            if (clock.GetElapsedTime(pinged) >= Ping)
            {
                pinged = clock.GetTimestamp();
                yield return Item("ping", new PingMessage(clock.GetUtcNow()), PageJson.Default.PingMessage);
            }

            await Task.Delay(Gap, clock, cancellationToken);
            await NewsAsync(follower, cancellationToken);
            changed = follower.Take();
        }
    }

    /// <summary>Waits for news, or for the next look.</summary>
    private async Task NewsAsync(FeedFollower follower, CancellationToken cancellationToken)
    {
        try
        {
            await follower.WaitAsync(cancellationToken).WaitAsync(Look, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
        }
    }

    private IEnumerable<SseItem<string>> Host(Dictionary<string, string> told)
    {
        var view = host.View();
        return New("host", view, Text(view with { Now = default }, PageJson.Default.HostView), PageJson.Default.HostView, told);
    }

    private IEnumerable<SseItem<string>> Detail(ObjectKey key, Dictionary<string, string> told)
    {
        var message = new DetailMessage(clock.GetUtcNow(), feed.IsFilled, feed.Detail(key));
        return New("rollout", message, Text(message with { Now = default }, PageJson.Default.DetailMessage), PageJson.Default.DetailMessage, told);
    }

    private IEnumerable<SseItem<string>> List(IReadOnlyCollection<ObjectKey>? changed)
    {
        if (changed is { Count: 0 })
            return [];
        var now = clock.GetUtcNow();
        if (changed is null)
        {
            var pages = feed.List().Chunk(MaxLines).ToList();
            return pages.Count == 0
                ? [Lines(new ListMessage(now, true, [], []))]
                : pages.Select((page, index) => Lines(new ListMessage(now, index == 0, page, [])));
        }

        var views = changed.Select(key => (Key: key, View: feed.Summary(key))).ToList();
        return [Lines(new ListMessage(now, false, [.. views.Select(each => each.View).OfType<RolloutSummary>()], [.. views.Where(each => each.View is null).Select(each => each.Key.ToString())]))];
    }

    private static SseItem<string> Lines(ListMessage message) => Item("rollouts", message, PageJson.Default.ListMessage);

    /// <summary>The item, unless the page has been told the same, but for the time, already.</summary>
    private static IEnumerable<SseItem<string>> New<T>(string name, T message, string content, JsonTypeInfo<T> type, Dictionary<string, string> told)
    {
        if (told.GetValueOrDefault(name) == content)
            return [];
        told[name] = content;
        return [Item(name, message, type)];
    }

    private static string Text<T>(T message, JsonTypeInfo<T> type) => JsonSerializer.Serialize(message, type);

    private static SseItem<string> Item<T>(string name, T message, JsonTypeInfo<T> type) => new(Text(message, type), name);
}
