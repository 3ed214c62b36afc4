namespace RolloutController.Analysis;

/// <summary>What the current step has seen so far. Small enough to live in status, so that a restart loses none of it.</summary>
public sealed record Evidence
{
    /// <summary>Requests that the canary served in this step.</summary>
    public long Requests { get; init; }

    /// <summary>How many of <see cref="Requests"/> failed.</summary>
    public long Errors { get; init; }

    /// <summary>Requests that the stable version served meanwhile: context for a person, no part of the verdict.</summary>
    public long StableRequests { get; init; }

    /// <summary>How many of <see cref="StableRequests"/> failed.</summary>
    public long StableErrors { get; init; }

    /// <summary>What the last look brought.</summary>
    public DataClass Class { get; init; }

    /// <summary>What the last look brought, for a person.</summary>
    public string Message { get; init; } = "no look at the metrics yet";

    /// <summary>When counting for this step began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the last look was taken; null before the first.</summary>
    public DateTimeOffset? SampledAt { get; init; }

    /// <summary>The observed error rate as a fraction; 0 without requests.</summary>
    public double ErrorRate => Requests == 0 ? 0 : (double)Errors / Requests;

    /// <summary>Evidence that has seen nothing yet.</summary>
    /// <param name="since">When counting begins.</param>
    public static Evidence StartingAt(DateTimeOffset since) => new() { Since = since };

    /// <summary>
    /// Takes a look in. One that was taken in already, or that was taken before the step began counting, changes nothing:
    /// a pass that runs twice counts once.
    /// </summary>
    /// <param name="sample">The look.</param>
    public Evidence Add(Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Time <= Since || sample.Time <= SampledAt)
            return this;

        return this with
        {
            Requests = Requests + sample.Requests,
            Errors = Errors + sample.Errors,
            StableRequests = StableRequests + sample.StableRequests,
            StableErrors = StableErrors + sample.StableErrors,
            Class = sample.Class,
            Message = sample.Message,
            SampledAt = sample.Time,
        };
    }
}
