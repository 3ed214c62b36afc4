namespace RolloutController.Analysis.Metrics;

/// <summary>Looks at the counters of one rollout, time after time. Keeps what it saw in memory; one call at a time.</summary>
public sealed class ErrorRateSampler
{
    private readonly TimeProvider _clock;
    private readonly ArmCounter _canary;
    private readonly ArmCounter? _stable;
    private readonly Func<CancellationToken, Task<double?>> _readDispersion;
    private bool _dispersionRead;

    /// <summary>Prepares the looks at a rollout's two versions.</summary>
    /// <param name="provider">Where to read.</param>
    /// <param name="selectors">What to read: the Rollout's own selectors, or the provider's.</param>
    /// <param name="canary">The version that is judged.</param>
    /// <param name="stable">The version that it is compared with; null to leave it out.</param>
    /// <param name="canaryBornAt">
    /// When this attempt to roll the version out began, before its first request; then nothing is lost, not even the first error of a
    /// pod. Null when the controller was started since: the first look that brings counts is then where counting begins,
    /// since what lies before may be in the evidence already.
    /// </param>
    /// <param name="interval">How often looks are taken.</param>
    /// <param name="clock">The clock.</param>
    /// <exception cref="SelectorException">A selector does not suit this rollout; the message says what to write.</exception>
    public ErrorRateSampler(
        IMetricProvider provider,
        CountSelectors selectors,
        ArmIdentity canary,
        ArmIdentity? stable,
        DateTimeOffset? canaryBornAt,
        TimeSpan interval,
        TimeProvider clock)
    {
        _clock = clock;
        var window = ScrapeAge.Window(interval);
        _canary = new ArmCounter(provider, selectors, canary, canaryBornAt, window);
        _stable = stable is null ? null : new ArmCounter(provider, selectors, stable, bornAt: null, window);
        _readDispersion = stable is not null && canaryBornAt is { } born
            ? cancellation => ArmHistory.DispersionAsync(provider, selectors, stable, born, cancellation)
            : _ => Task.FromResult<double?>(null);
    }

    /// <summary>Takes a look. Never throws for what the provider did: that is in the sample's class and message.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Sample> SampleAsync(CancellationToken cancellationToken)
    {
        // A look that takes long may end in the next step, and what it counted is of the step in which it began.
        var began = _clock.GetUtcNow();
        var dispersion = _dispersionRead ? Task.FromResult<double?>(null) : _readDispersion(cancellationToken);
        _dispersionRead = true;
        var stable = _stable?.CountAsync(cancellationToken) ?? Task.FromResult(new ArmCounts(DataClass.NoData, ""));
        var canary = await _canary.CountAsync(cancellationToken);
        var context = await stable;
        return new Sample(began, canary.Class, canary.Message, canary.Requests, canary.Errors, context.Requests, context.Errors, await dispersion);
    }
}
