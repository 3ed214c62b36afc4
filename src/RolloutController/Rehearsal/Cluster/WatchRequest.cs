using System.Globalization;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Opens a watch: from a version on, or with the present state first; ended when it was asked to end.</summary>
internal sealed class WatchRequest(EmbeddedCluster cluster, ApiRequest request, ApiTarget target)
{
    // As an API server does: a bookmark a minute, and half an hour to an hour where the client sets no end.
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(45);

    /// <summary>Opens it.</summary>
    public ApiAnswer Open()
    {
        var stream = new WatchStream();
        var watch = new Watch(
            target.Resource, target.NamespaceOrAll, LabelSelector.Parse(request.Parameter("labelSelector")), Fields(), stream);
        var from = request.Parameter("resourceVersion") is { Length: > 0 } text && long.TryParse(text, CultureInfo.InvariantCulture, out var version) && version > 0
            ? version
            : (long?)null;
        var wantsInitial = request.Asks("sendInitialEvents");
        try
        {
            cluster.Follow(watch, wantsInitial ? null : from);
        }
        catch (ApiFailure forgotten)
        {
            // A watch that has begun tells its failure as an event.
            stream.Write(StoredObject.Write(new JsonObject { ["type"] = "ERROR", ["object"] = Failures.Status(forgotten) }).Append((byte)'\n').ToArray());
            stream.End();
            return new ApiAnswer.Stream(stream);
        }
        if (wantsInitial)
            watch.Bookmark(isEndOfInitial: true);
        Limit(watch);
        return new ApiAnswer.Stream(stream);
    }

    private FieldSelector Fields()
    {
        var asked = request.Parameter("fieldSelector");
        return FieldSelector.Parse(target.Name is null ? asked : $"{asked},metadata.name={target.Name}", target.Resource);
    }

    private void Limit(Watch watch)
    {
        var timeout = double.TryParse(request.Parameter("timeoutSeconds"), CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(seconds)
            : LongestWatch;
        var end = cluster.Clock.CreateTimer(static state => ((WatchStream)state!).End(), watch.Stream, timeout, Timeout.InfiniteTimeSpan);
        var bookmarks = request.Asks("allowWatchBookmarks")
            ? cluster.Clock.CreateTimer(static state => ((Watch)state!).Bookmark(), watch, BookmarkInterval, BookmarkInterval)
            : null;
        watch.Stream.Closed += () =>
        {
            cluster.Leave(watch);
            end.Dispose();
            bookmarks?.Dispose();
        };
    }
}
