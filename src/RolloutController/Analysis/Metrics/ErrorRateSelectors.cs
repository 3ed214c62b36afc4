namespace RolloutController.Analysis.Metrics;

/// <summary>The two counters that make an error rate.</summary>
/// <param name="Requests">Selects the counters of all requests.</param>
/// <param name="Errors">Selects the counters of the failed ones; what it counts, <paramref name="Requests"/> must count, too.</param>
public sealed record ErrorRateSelectors(SelectorTemplate Requests, SelectorTemplate Errors)
{
    /// <summary>Whether both kinds of counters began with the version's own pods.</summary>
    public bool NamesRevision => Requests.NamesRevision && Errors.NamesRevision;

    /// <summary>Reads the two selectors of a Rollout.</summary>
    /// <param name="requests">The selector of all requests.</param>
    /// <param name="errors">The selector of the failed ones.</param>
    /// <exception cref="SelectorException">One of them is wrong; the message says which.</exception>
    public static ErrorRateSelectors Parse(string requests, string errors) => new(Read(requests, nameof(requests)), Read(errors, nameof(errors)));

    private static SelectorTemplate Read(string text, string name)
    {
        try
        {
            return SelectorTemplate.Parse(text);
        }
        catch (SelectorException exception)
        {
            throw new SelectorException($"analysis.errorRate.{name}: {exception.Message}");
        }
    }
}
