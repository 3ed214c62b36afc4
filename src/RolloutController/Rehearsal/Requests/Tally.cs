namespace RolloutController.Rehearsal.Requests;

/// <summary>Counts as they grow.</summary>
internal sealed class Tally
{
    public long Total { get; private set; }

    public long Failed { get; private set; }

    public long Lost { get; private set; }

    public LatencyTally Latencies { get; } = new();

    public void Answered(long count, long failed)
    {
        Total += count;
        Failed += failed;
    }

    public void Missed(long count)
    {
        Total += count;
        Lost += count;
    }

    public RequestCounts Counts() => new(Total, Failed, Lost);
}
