namespace RolloutController.Analysis;

/// <summary>
/// Evidence that a version is worse than it may be, which may be looked at as often as one likes: an e-value, the payoff of a bet that is
/// fair while the version is fine. Pure.
/// </summary>
/// <remarks>
/// <para>
/// A test that is taken again at every look finds a breach by chance sooner or later. The payoff of a fair bet, however, ever reaches 1/α
/// with a chance of α at the most (Ville's inequality), whenever and however often it is looked at, so one bound holds for a whole rollout
/// with all its steps. See A. Ramdas, P. Grünwald, V. Vovk and G. Shafer, Game-Theoretic Statistics and Safe Anytime-Valid Inference,
/// Statistical Science 38 (2023), https://arxiv.org/abs/2210.01948.
/// </para>
/// <para>
/// Two bets are placed with half of the stake each: one that the version fails more requests than the highest rate that is fine, and one
/// that it fails more than the stable version does beside it. Each is spread over five alternatives, from one and a half times as bad to ten
/// times, as nobody knows beforehand how bad a bad version is.
/// </para>
/// </remarks>
public sealed record SequentialEvidence
{
    /// <summary>How many times as bad the alternatives are.</summary>
    public static readonly IReadOnlyList<double> Multiples = [1.5, 2, 3, 5, 10];

    private static readonly IReadOnlyList<double> Nothing = [0, 0, 0, 0, 0];

    /// <summary>No evidence yet.</summary>
    public static SequentialEvidence None { get; } = new();

    /// <summary>No evidence yet, where further bets on the rate will begin.</summary>
    public static SequentialEvidence Restarting { get; } = new() { Accounts = [default] };

    /// <summary>Requests that the version served since it got traffic.</summary>
    public long Requests { get; init; }

    /// <summary>How many of <see cref="Requests"/> failed.</summary>
    public long Errors { get; init; }

    /// <summary>For each of <see cref="Multiples"/>, the logarithm of the likelihood ratio against the odds that are tolerated beside the stable version.</summary>
    public IReadOnlyList<double> Relative { get; init; } = Nothing;

    /// <summary>
    /// Where further bets on the rate began, as counts up to then; empty where there is the one from the beginning alone. Good requests of
    /// half an hour would else outweigh what goes wrong after it for as long again.
    /// </summary>
    public IReadOnlyList<AccountStart> Accounts { get; init; } = [];

    /// <summary>The error rate since the version got traffic, as a fraction; 0 without requests.</summary>
    public double ErrorRate => Requests == 0 ? 0 : (double)Errors / Requests;

    /// <summary>Takes in what one look counted.</summary>
    /// <param name="look">The counts since the look before.</param>
    /// <param name="tolerance">How many times the odds of an error may be those of the stable version; 1 or more.</param>
    public SequentialEvidence Add(LookCounts look, double tolerance) => this with
    {
        Requests = Requests + look.Requests,
        Errors = Errors + look.Errors,
        Relative = look is { Requests: > 0, StableRequests: > 0 }
            ? [.. Relative.Zip(Multiples, (sum, multiple) => sum + AgainstStable(look, tolerance, multiple))]
            : Relative,
    };

    /// <summary>The payoff of both bets: the mean of e-values is one. 1 before anything was seen.</summary>
    /// <param name="maxErrorRate">The highest error rate that is fine; a fraction, above 0 and at most 1.</param>
    /// <param name="discount">What evidence is multiplied by, as errors come in bursts: <see cref="Dispersion.Discount"/>.</param>
    public double Value(double maxErrorRate, double discount = 1) => (AgainstRate(maxErrorRate, discount) + AgainstStable(discount)) / 2;

    /// <summary>The payoff of the bet on the rate alone.</summary>
    /// <inheritdoc cref="Value"/>
    /// <remarks>
    /// Each alternative lies above the rate p that is fine, so the ratio is expected to be 1 at p and less below: a fair bet against every
    /// rate up to p at once. A mixture over all rates would pay for a version that is better, too.
    /// </remarks>
    public double AgainstRate(double maxErrorRate, double discount = 1) =>
        maxErrorRate >= 1 ? 1
        : Accounts.Count == 0 ? Payoff(default, maxErrorRate, discount)
        : Accounts.Index().Sum(account => Stake(account.Index) * Payoff(account.Item, maxErrorRate, discount)) + Unplaced(Accounts.Count);

    /// <summary>
    /// What is staked on the bet that begins as the nth: 1/2, 1/6, 1/12, ... of the whole, which all together is the whole, however many
    /// there will be. The mean of fair bets is one, also of those that begin later.
    /// </summary>
    private static double Stake(int index) => 1.0 / ((index + 1) * (index + 2));

    /// <summary>What is not staked yet.</summary>
    private static double Unplaced(int begun) => 1.0 / (begun + 1);

    private double Payoff(AccountStart since, double rate, double discount) =>
        Multiples.Average(multiple => Math.Exp(discount * LogRatio(Requests - since.Requests, Errors - since.Errors, rate, multiple)));

    /// <summary>The counts that speak most against the rate: those since the bet began that pays most.</summary>
    /// <inheritdoc cref="Value"/>
    public (long Requests, long Errors) Worst(double maxErrorRate, double discount = 1)
    {
        var since = Accounts.Index().DefaultIfEmpty().MaxBy(account => Stake(account.Index) * Payoff(account.Item, maxErrorRate, discount)).Item;
        return (Requests - since.Requests, Errors - since.Errors);
    }

    /// <summary>The payoff of the bet on the comparison alone.</summary>
    /// <inheritdoc cref="Value"/>
    public double AgainstStable(double discount = 1) => Relative.Average(ratio => Math.Exp(discount * ratio));

    /// <inheritdoc/>
    public bool Equals(SequentialEvidence? other) =>
        other is not null && Requests == other.Requests && Errors == other.Errors && Relative.SequenceEqual(other.Relative) && Accounts.SequenceEqual(other.Accounts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Requests, Errors);

    /// <summary>The logarithm of the likelihood ratio of a rate some times as high; halfway to 1 where that is no rate.</summary>
    internal double LogRatio(double rate, double multiple) => LogRatio(Requests, Errors, rate, multiple);

    private static double LogRatio(long requests, long errors, double rate, double multiple)
    {
        var alternative = rate * multiple < 1 ? rate * multiple : (1 + rate) / 2;
        return (errors * Math.Log(alternative / rate)) + ((requests - errors) * Math.Log((1 - alternative) / (1 - rate)));
    }

    /// <summary>
    /// Of the errors that a look counted in both versions, how many fell to the canary: at equal rates that is hypergeometric, which is
    /// smaller in convex order than the binomial that is reckoned with (W. Hoeffding, Probability Inequalities for Sums of Bounded Random
    /// Variables, JASA 58 (1963), theorem 4). What is given here are the errors of both, so neither an incident that hits both versions nor a
    /// change of weight counts against the canary.
    /// </summary>
    private static double AgainstStable(LookCounts look, double tolerance, double multiple)
    {
        var tolerated = Share(tolerance);
        var alternative = Share(tolerance * multiple);
        return (look.Errors * Math.Log(alternative / tolerated)) + (look.StableErrors * Math.Log((1 - alternative) / (1 - tolerated)));

        double Share(double odds) => odds * look.Requests / ((odds * look.Requests) + look.StableRequests);
    }
}

/// <summary>What one look counted in both versions since the look before.</summary>
/// <param name="Requests">Requests that the canary served; 0 or more.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="StableRequests">Requests that the stable version served; 0 where there was none beside it.</param>
/// <param name="StableErrors">How many of them failed.</param>
public readonly record struct LookCounts(long Requests, long Errors, long StableRequests = 0, long StableErrors = 0);

/// <summary>Where a further bet began.</summary>
/// <param name="Requests">The requests up to then.</param>
/// <param name="Errors">How many of them failed.</param>
public readonly record struct AccountStart(long Requests, long Errors);
