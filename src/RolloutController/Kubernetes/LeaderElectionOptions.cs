using System.Globalization;

namespace RolloutController.Kubernetes;

/// <summary>
/// How a leader is elected. The defaults are client-go's: a crashed leader is followed within 19.4 s, one that stopped within 5.4 s.
/// </summary>
public sealed record LeaderElectionOptions
{
    /// <summary>
    /// How long before its lease runs out a leader stops acting, for what is still on its way to the API; a leader with the default
    /// times gives up after 12 s of its 15.
    /// </summary>
    internal static readonly TimeSpan FenceMargin = TimeSpan.FromSeconds(3);

    /// <summary>A renewal is tried again after up to this many retry periods (client-go's JitterFactor, 1.2, added to one).</summary>
    internal const double JitterFactor = 1.2;

    /// <summary>The namespace of the lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name of the lease.</summary>
    public required string Name { get; init; }

    /// <summary>Who this process is: unique to it, so that a restarted one does not take itself for the one before.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait after the last sign of life before they take the lease; whole seconds.</summary>
    /// <value>The default is 15 seconds.</value>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it gives up.</summary>
    /// <value>The default is 10 seconds.</value>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a leader renews, and a candidate looks at the least.</summary>
    /// <value>The default is 2 seconds.</value>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What a candidate's pauses are spread by.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>An identity that no other process has: the host's name and a random part.</summary>
    public static string NewIdentity() => $"{Environment.MachineName}_{Guid.NewGuid():N}";

    /// <summary>Refuses what would not elect one leader.</summary>
    /// <exception cref="ArgumentException">Says which option is wrong and what it must be.</exception>
    internal void Validate()
    {
        Require(Namespace.Length > 0 && Name.Length > 0, "a lease has a namespace and a name; give both");
        Require(Identity.Length > 0, "the identity is empty; give each process its own, such as its pod's name and a random part");
        Require(RetryPeriod >= TimeSpan.FromSeconds(1), $"RetryPeriod is {RetryPeriod:g}; it must be 1 second or more");
        Require(
            RenewDeadline > JitterFactor * RetryPeriod,
            $"RenewDeadline is {RenewDeadline:g}; it must be longer than {JitterFactor.ToString(CultureInfo.InvariantCulture)} times the RetryPeriod, {RetryPeriod:g}, so that a renewal can be tried twice");
        Require(LeaseDuration > RenewDeadline, $"LeaseDuration is {LeaseDuration:g}; it must be longer than the RenewDeadline, {RenewDeadline:g}, so that a leader gives up before another one starts");
        Require(
            LeaseDuration - FenceMargin > RetryPeriod,
            $"LeaseDuration is {LeaseDuration:g}; it must be longer than the RetryPeriod, {RetryPeriod:g}, by more than {FenceMargin:g}, for a leader stops acting that long before its lease ends");
        Require(LeaseDuration.Ticks % TimeSpan.TicksPerSecond == 0, $"LeaseDuration is {LeaseDuration:g}; the lease stores whole seconds");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new ArgumentException($"Leader election cannot work: {otherwise}.");
    }
}

/// <summary>One time in office.</summary>
/// <param name="Identity">The leader.</param>
/// <param name="Transitions">Counts the changes of leader: a later term has a higher number.</param>
/// <param name="AcquiredAt">When the term began, by the leader's clock.</param>
public sealed record LeadershipTerm(string Identity, int Transitions, DateTimeOffset AcquiredAt);

/// <summary>
/// The leader could not renew its lease in time. Another process may lead from now on, so this one is to exit: what it has in hand
/// rests on an office that it no longer holds.
/// </summary>
public sealed class LeadershipLostException(string message) : Exception(message);
