namespace RolloutController.Traffic;

/// <summary>What a route's weights say of a Service and its canary Service.</summary>
public abstract record RouteReading
{
    private RouteReading()
    {
    }

    /// <summary>The share of the Service's traffic that the canary has.</summary>
    public abstract CanaryShare Canary { get; }

    /// <summary>Whether some rule sends requests with certain headers to the canary.</summary>
    public virtual bool IsMatched => false;

    /// <summary>No rule names the Service.</summary>
    /// <param name="Message">Which route, and what to write.</param>
    public sealed record NotNamed(string Message) : RouteReading
    {
        /// <inheritdoc/>
        public override CanaryShare Canary => default;
    }

    /// <summary>The route is its user's: the canary Service is nowhere in it.</summary>
    public sealed record AtRest : RouteReading
    {
        /// <inheritdoc/>
        public override CanaryShare Canary => default;
    }

    /// <summary>The canary gets the requests with certain headers, in every rule exactly as planned, and no others.</summary>
    public sealed record Matched : RouteReading
    {
        /// <inheritdoc/>
        public override CanaryShare Canary => default;

        /// <inheritdoc/>
        public override bool IsMatched => true;
    }

    /// <summary>Every rule that names the Service is exactly as planned for one weight.</summary>
    /// <param name="Weight">The canary's percentage, 1 to 100.</param>
    public sealed record Rolling(int Weight) : RouteReading
    {
        /// <inheritdoc/>
        public override CanaryShare Canary => new(Weight, Weight);
    }

    /// <summary>The canary Service is in the route, but not as any plan leaves it: someone else wrote.</summary>
    /// <param name="Share">The share that the canary really has.</param>
    /// <param name="Message">The weights that were found, rule by rule.</param>
    public sealed record Mixed(CanaryShare Share, string Message) : RouteReading
    {
        /// <inheritdoc/>
        public override bool IsMatched => HasMatchedRules;

        internal bool HasMatchedRules { get; init; }

        /// <inheritdoc/>
        public override CanaryShare Canary => Share;
    }
}

/// <summary>
/// The canary's share of the Service's traffic, over all rules that send any: two ends, as rules may disagree. Both are
/// rounded outwards, so that 0 as the highest means no traffic at all and 100 as the lowest means all of it.
/// </summary>
/// <param name="LowestPercent">The smallest share in a rule, 0 to 100.</param>
/// <param name="HighestPercent">The largest share in a rule, 0 to 100.</param>
public readonly record struct CanaryShare(int LowestPercent, int HighestPercent);
