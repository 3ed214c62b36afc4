using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RolloutController.Benchmarks.Faults;

/// <summary>What is played.</summary>
/// <param name="Rounds">How often the controller is killed or frozen.</param>
/// <param name="IsShort">Whether only the kills, one frozen leader and one restart of the API server are played.</param>
/// <param name="Seed">Decides upon all moments and durations.</param>
/// <param name="Only">The one subject that is played; null for all.</param>
internal sealed record FaultOptions(int Rounds, bool IsShort, int Seed, string? Only)
{
    public const string Usage = "--faults [--short] [--rounds N] [--seed N] [--only controller|leader|cluster|prometheus|provider]";

    /// <summary>How many Rollouts there are while a provider hangs: half of them ask it.</summary>
    public const int Rollouts = 500;

    private const int FullRounds = 50;
    private const int ShortRounds = 4;
    private static readonly string[] s_subjects = ["controller", "leader", "cluster", "prometheus", "provider"];
    private static readonly string[] s_short = ["controller", "leader", "cluster"];

    /// <summary>Whether a subject is played.</summary>
    public bool Plays(string subject) => Only is null ? !IsShort || s_short.Contains(subject) : Only == subject;

    /// <summary>Reads the arguments behind <c>--faults</c>.</summary>
    public static bool TryParse(IReadOnlyList<string> args, [MaybeNullWhen(false)] out FaultOptions options)
    {
        options = null;
        var isShort = args.Contains("--short");
        var read = new FaultOptions(isShort ? ShortRounds : FullRounds, isShort, Random.Shared.Next(1, 100_000), null);
        var left = new Queue<string>(args.Where(arg => arg is not ("--faults" or "--short")));
        while (left.TryDequeue(out var name))
        {
            var value = left.TryDequeue(out var next) ? next : "";
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            FaultOptions? with = name switch
            {
                "--rounds" when isNumber && number > 0 => read with { Rounds = number },
                "--seed" when isNumber => read with { Seed = number },
                "--only" when s_subjects.Contains(value) => read with { Only = value },
                _ => null,
            };
            if (with is null)
                return false;
            read = with;
        }

        options = read;
        return true;
    }
}
