using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Stages;

/// <summary>Records shares and error rates over time, a point every five seconds.</summary>
/// <param name="requests">The requests.</param>
/// <param name="versionOf">The version of a revision: 1 is the one that served before.</param>
internal sealed class CourseRecorder(SimulatedRequests requests, Func<string, string> versionOf)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly List<CoursePoint> _points = [];
    private readonly Dictionary<string, string> _versions = [];
    private Tally _last;
    private bool _isRecording;

    /// <summary>What was recorded.</summary>
    public IReadOnlyList<CoursePoint> Points => _points;

    /// <summary>Begins to record.</summary>
    public void Begin()
    {
        _isRecording = true;
        _last = Count();
    }

    /// <summary>Looks; a point is recorded when it is due.</summary>
    /// <param name="elapsed">The time since it began.</param>
    public void Look(TimeSpan elapsed)
    {
        if (!_isRecording || (_points.Count > 0 && elapsed < _points[^1].At + Interval))
            return;
        var now = Count();
        var (ofNew, ofOld) = (now.New - _last.New, now.Old - _last.Old);
        var share = requests.Shares().Where(one => VersionOf(one.Key) != "1").Sum(one => one.Value);
        _points.Add(new CoursePoint(elapsed, 100 * share, Rate(now.NewFailed - _last.NewFailed, ofNew), Rate(now.OldFailed - _last.OldFailed, ofOld)));
        _last = now;
    }

    private static double? Rate(long failed, long all) => all == 0 ? null : 100.0 * failed / all;

    private Tally Count()
    {
        var tally = default(Tally);
        foreach (var (revision, counts) in requests.Totals())
        {
            var failed = counts.Failed + counts.Lost;
            tally = VersionOf(revision) == "1"
                ? tally with { Old = tally.Old + counts.Total, OldFailed = tally.OldFailed + failed }
                : tally with { New = tally.New + counts.Total, NewFailed = tally.NewFailed + failed };
        }
        return tally;
    }

    private string VersionOf(string revision)
    {
        if (!_versions.TryGetValue(revision, out var version))
            _versions[revision] = version = versionOf(revision);
        return version;
    }

    private readonly record struct Tally(long Old, long OldFailed, long New, long NewFailed);
}
