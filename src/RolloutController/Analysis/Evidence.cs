using RolloutController.Api;

namespace RolloutController.Analysis;

/// <summary>What the current step has seen so far, and the rollout up to here. Small enough to live in status, so that a restart loses none of it.</summary>
public sealed record Evidence
{
    private const double Millionths = 1e6;
    private const double Thousandths = 1e3;
    private const int MaxAccounts = 24;

    private static readonly TimeSpan ShortestAccount = TimeSpan.FromMinutes(5);

    /// <summary>Requests that the canary served in this step.</summary>
    public long Requests { get; init; }

    /// <summary>How many of <see cref="Requests"/> failed.</summary>
    public long Errors { get; init; }

    /// <summary>Requests that the stable version served meanwhile.</summary>
    public long StableRequests { get; init; }

    /// <summary>How many of <see cref="StableRequests"/> failed.</summary>
    public long StableErrors { get; init; }

    /// <summary>What speaks against the canary since it got traffic, over all steps.</summary>
    public SequentialEvidence Sequential { get; init; } = SequentialEvidence.None;

    /// <summary>How much the stable version's errors came in bursts before the rollout; null where nobody knows.</summary>
    public double? Dispersion { get; init; }

    /// <summary>What the last look brought.</summary>
    public DataClass Class { get; init; }

    /// <summary>What the last look brought, for a person.</summary>
    public string Message { get; init; } = "no look at the metrics yet";

    /// <summary>When counting for this step began.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the last look was taken; null before the first.</summary>
    public DateTimeOffset? SampledAt { get; init; }

    /// <summary>How often a further bet on the rate begins (<see cref="SequentialEvidence.Accounts"/>); null for never.</summary>
    public TimeSpan? AccountEvery { get; init; }

    /// <summary>Since when looks have brought no fresh counts; null while they do.</summary>
    public DateTimeOffset? UnknownSince { get; init; }

    /// <summary>What the further checks that count requests have counted.</summary>
    public EvidenceCounts Counts { get; init; } = EvidenceCounts.None;

    /// <summary>What the further checks found.</summary>
    public CheckFindings Checks { get; init; } = CheckFindings.None;

    /// <summary>The observed error rate as a fraction; 0 without requests.</summary>
    public double ErrorRate => Requests == 0 ? 0 : (double)Errors / Requests;

    /// <summary>The stable version's error rate meanwhile, as a fraction; 0 without requests.</summary>
    public double StableErrorRate => StableRequests == 0 ? 0 : (double)StableErrors / StableRequests;

    /// <summary>Evidence that has seen nothing yet.</summary>
    /// <param name="since">When counting begins.</param>
    public static Evidence StartingAt(DateTimeOffset since) => new() { Since = since };

    /// <summary>Evidence of a long time, in which what goes wrong late has to be found as soon as what goes wrong early.</summary>
    /// <param name="since">When counting begins.</param>
    /// <param name="duration">How long it takes.</param>
    /// <param name="dispersion">What is known of bursts.</param>
    public static Evidence Monitoring(DateTimeOffset since, TimeSpan duration, double? dispersion) => new()
    {
        Since = since,
        Dispersion = dispersion,
        AccountEvery = duration / MaxAccounts > ShortestAccount ? duration / MaxAccounts : ShortestAccount,
        Sequential = SequentialEvidence.Restarting,
    };

    /// <summary>Evidence as it was stored.</summary>
    public static Evidence From(StoredEvidence stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return new()
        {
            Requests = stored.Requests,
            Errors = stored.Errors,
            StableRequests = stored.StableRequests,
            StableErrors = stored.StableErrors,
            Sequential = SequentialEvidence.None with
            {
                Requests = stored.AllRequests,
                Errors = stored.AllErrors,
                Accounts = [.. (stored.Accounts ?? []).Select(account => new AccountStart(account.Requests, account.Errors))],
                // Of a version with other alternatives nothing can be said; what it counted still stands.
                Relative = stored.LogRatioMillionths.Count == SequentialEvidence.Multiples.Count
                    ? [.. stored.LogRatioMillionths.Select(ratio => ratio / Millionths)]
                    : SequentialEvidence.None.Relative,
            },
            Dispersion = stored.DispersionThousandths / Thousandths,
            Class = Enum.TryParse<DataClass>(stored.Class, out var known) ? known : DataClass.NoData,
            Message = stored.Message,
            Since = stored.Since,
            SampledAt = stored.SampledAt,
            AccountEvery = stored.AccountSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            UnknownSince = stored.UnknownSince,
            Checks = new(stored.Checks ?? []),
            Counts = new([.. (stored.Counts ?? []).Select(one => new NamedEvidence(one.Name ?? "", From(one)))]),
        };
    }

    /// <summary>The evidence as it is stored.</summary>
    public StoredEvidence Stored() => new()
    {
        Requests = Requests,
        Errors = Errors,
        StableRequests = StableRequests,
        StableErrors = StableErrors,
        AllRequests = Sequential.Requests,
        AllErrors = Sequential.Errors,
        LogRatioMillionths = [.. Sequential.Relative.Select(ratio => (long)Math.Round(ratio * Millionths))],
        DispersionThousandths = (long?)(Dispersion * Thousandths),
        Class = Class.ToString(),
        Message = Message,
        Since = Since,
        SampledAt = SampledAt,
        AccountSeconds = (long?)AccountEvery?.TotalSeconds,
        Accounts = Sequential.Accounts.Count == 0 ? null : [.. Sequential.Accounts.Select(account => new StoredAccount { Requests = account.Requests, Errors = account.Errors })],
        UnknownSince = UnknownSince,
        Checks = Checks.All.Count == 0 ? null : Checks.All,
        Counts = Counts.All.Count == 0 ? null : [.. Counts.All.Select(one => one.Evidence.Stored() with { Name = one.Name })],
    };

    /// <summary>The evidence at the beginning of a further step: its own counts begin anew, and what speaks against the canary stays.</summary>
    /// <param name="since">When counting begins.</param>
    public Evidence AtNextStep(DateTimeOffset since) => new()
    {
        Since = since,
        Sequential = Sequential,
        Dispersion = Dispersion,
        UnknownSince = UnknownSince,
        Counts = new([.. Counts.All.Select(one => one with { Evidence = one.Evidence.AtNextStep(since) })]),
        Checks = new([.. Checks.All.Select(CheckJudge.AtNextStep)]),
    };

    /// <summary>
    /// Takes a look in; one that was taken in already changes nothing. One that began before the step did is about the step before: it speaks
    /// neither for this step nor for the last look, and still against the version. What it says about the time before the rollout holds in
    /// any case.
    /// </summary>
    /// <param name="sample">The look.</param>
    /// <param name="tolerance">How many times the odds of an error may be those of the stable version; 1 or more.</param>
    public Evidence Add(Sample sample, double tolerance)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var known = this with { Dispersion = Dispersion ?? sample.Dispersion };
        if (sample.Time <= SampledAt)
            return known;
        var counts = new LookCounts(sample.Requests, sample.Errors, sample.StableRequests, sample.StableErrors);
        if (sample.Time <= Since)
        {
            // Before anything was counted, a process that starts anew counts from the first request on: here it would count twice.
            return Sequential.Requests == 0 ? known : known with { Sequential = Sequential.Add(counts, tolerance) };
        }

        return known with
        {
            Requests = Requests + sample.Requests,
            Errors = Errors + sample.Errors,
            StableRequests = StableRequests + sample.StableRequests,
            StableErrors = StableErrors + sample.StableErrors,
            Sequential = WithAccount(sample.Time).Add(counts, tolerance),
            Class = sample.Class,
            Message = sample.Message,
            SampledAt = sample.Time,
            UnknownSince = sample.Class == DataClass.Ok ? null : UnknownSince ?? sample.Time,
        };
    }

    /// <summary>The evidence of a check that has not been looked at yet, over the same time.</summary>
    private Evidence Unseen() => AccountEvery is null ? StartingAt(Since) : StartingAt(Since) with { AccountEvery = AccountEvery, Sequential = SequentialEvidence.Restarting };

    /// <summary>A further bet begins with what comes now, when it is time for one.</summary>
    private SequentialEvidence WithAccount(DateTimeOffset now) =>
        AccountEvery is { } every && Sequential.Accounts.Count <= MaxAccounts && now >= Since + (every * Sequential.Accounts.Count)
            ? Sequential with { Accounts = [.. Sequential.Accounts, new AccountStart(Sequential.Requests, Sequential.Errors)] }
            : Sequential;

    /// <summary>Takes a look of a further check that counts requests in.</summary>
    /// <param name="check">The check's name.</param>
    /// <param name="sample">The look.</param>
    /// <param name="tolerance">How many times the odds of a bad request may be those of the stable version; 1 or more.</param>
    public Evidence Add(string check, Sample sample, double tolerance) =>
        this with { Counts = Counts.With(check, (Counts.Find(check) ?? Unseen()).Add(sample, tolerance)) };

    /// <summary>Takes a look of a further check in. One from before the step began is about the step before: a Job that ended then has not run in this one.</summary>
    /// <param name="rule">The check.</param>
    /// <param name="look">The look.</param>
    public Evidence Add(CheckRule rule, CheckLook look)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(look);
        return look.Time < Since ? this : this with { Checks = Checks.With(CheckJudge.Add(rule, Checks.Find(rule.Name), look)) };
    }
}
