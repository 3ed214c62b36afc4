using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace RolloutController.Tests.Fuzzing;

/// <summary>
/// How much is fuzzed. The usual run tries the same inputs every time; with <c>ROLLOUT_TEST_FUZZ=N</c> it tries N times as many, and new ones.
/// A failure prints the smallest input that fails and FsCheck's seed, which <c>ROLLOUT_TEST_FUZZ_SEED="(1,3)"</c> plays again.
/// </summary>
internal static class Fuzz
{
    private const string UsualSeed = "(20261129,1)";

    private static readonly int Asked =
        int.TryParse(Environment.GetEnvironmentVariable("ROLLOUT_TEST_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var times) ? times : 0;

    private static readonly string? Seed = Environment.GetEnvironmentVariable("ROLLOUT_TEST_FUZZ_SEED");

    /// <summary>How many times as much as usual is tried.</summary>
    public static int Times => Math.Max(1, Asked);

    /// <summary>Checks a law against inputs that chance makes up.</summary>
    /// <param name="inputs">Makes them, and smaller ones of one that fails.</param>
    /// <param name="usual">How many are tried in the usual run.</param>
    /// <param name="law">Throws where the law is broken.</param>
    public static void Check<T>(Arbitrary<T> inputs, int usual, Action<T> law)
    {
        var config = Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(usual * Times);
        Prop.ForAll(inputs, law).Check((Seed, Asked) switch
        {
            ({ Length: > 0 } seed, _) => config.WithReplay(Replay(seed)),
            (_, > 0) => config,
            _ => config.WithReplay(Replay(UsualSeed)),
        });
    }

    private static Replay Replay(string seed)
    {
        var parts = seed.Trim('(', ')').Split(',');
        return new Replay(new Rnd(ulong.Parse(parts[0], CultureInfo.InvariantCulture), ulong.Parse(parts[1], CultureInfo.InvariantCulture)), null);
    }
}
