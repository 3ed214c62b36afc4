namespace RolloutController.Analysis;

/// <summary>What a look at the metrics brought; only <see cref="Ok"/> can lead to a promotion.</summary>
public enum DataClass
{
    /// <summary>No request was seen: no traffic, or a selector that matches nothing. The default, so that nothing read means nothing known.</summary>
    NoData,

    /// <summary>Fresh counts.</summary>
    Ok,

    /// <summary>There are counts, but the newest is too old to speak of now.</summary>
    Stale,

    /// <summary>The provider did not answer, or answered with what cannot be counted; trying again may help.</summary>
    ProviderError,

    /// <summary>The question was refused or makes no sense; only a person can help, and the message says how.</summary>
    ConfigError,
}
