using RolloutController.Analysis;

namespace RolloutController.Benchmarks;

/// <summary>How a simulated rollout ended.</summary>
internal enum SimulatedEnd
{
    Promoted,
    RolledBack,

    /// <summary>It still waits for requests when the patience of a step is over.</summary>
    Held,
}

/// <summary>One rollout of 5, 25, 50 and 100 % for five minutes each, looked at every 15 s.</summary>
/// <param name="End">How it ended.</param>
/// <param name="After">When.</param>
/// <param name="Errors">Requests that the canary failed until then.</param>
internal sealed record SimulatedRollout(SimulatedEnd End, TimeSpan After, long Errors)
{
    private const double Max = 0.01;
    private static readonly int[] Weights = [5, 25, 50, 100];
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(15);

    /// <summary>Judges as the product does.</summary>
    public static SimulatedRollout Judged(SimulatedVersions versions, double requestsPerSecond, Random random)
    {
        var (at, errors) = (TimeSpan.Zero, 0L);
        var evidence = Evidence.StartingAt(DateTimeOffset.UnixEpoch) with { Dispersion = BurstsBefore(versions, requestsPerSecond, random) };
        foreach (var weight in Weights)
        {
            var began = at;
            evidence = evidence.AtNextStep(DateTimeOffset.UnixEpoch + at);
            Verdict verdict;
            do
            {
                at += Look;
                var look = versions.Look(random, requestsPerSecond * Look.TotalSeconds, weight / 100.0, at);
                errors += look.Errors;
                evidence = evidence.Add(new Sample(DateTimeOffset.UnixEpoch + at, DataClass.Ok, "", look.Requests, look.Errors, look.StableRequests, look.StableErrors), ErrorRateRule.DefaultTolerance);
                verdict = ErrorRateJudge.Judge(new ErrorRateRule(Max), evidence, new JudgementMoment(weight, weight == Weights[0], at - began >= Hold, at - began >= Hold + Patience));
                if (verdict is Verdict.Fail)
                    return new SimulatedRollout(SimulatedEnd.RolledBack, at, errors);
                if (verdict is Verdict.Hold && at - began >= Hold + Patience)
                    return new SimulatedRollout(SimulatedEnd.Held, at, errors);
            }
            while (verdict is not Verdict.Pass);
        }

        return new SimulatedRollout(SimulatedEnd.Promoted, at, errors);
    }

    /// <summary>Judges minute by minute: a rate above the threshold is a failed check, and so many of them roll back. A minute without requests fails none.</summary>
    public static SimulatedRollout Counted(SimulatedVersions versions, double requestsPerSecond, int failedChecks, Random random)
    {
        var (at, errors, failed) = (TimeSpan.Zero, 0L, 0);
        foreach (var weight in Weights)
        {
            for (var began = at; at - began < Hold;)
            {
                at += TimeSpan.FromMinutes(1);
                var window = versions.Look(random, requestsPerSecond * 60, weight / 100.0, at);
                errors += window.Errors;
                if (window.Errors > Max * window.Requests && ++failed == failedChecks)
                    return new SimulatedRollout(SimulatedEnd.RolledBack, at, errors);
            }
        }

        return new SimulatedRollout(SimulatedEnd.Promoted, at, errors);
    }

    private static double? BurstsBefore(SimulatedVersions versions, double requestsPerSecond, Random random) => Dispersion.Of(
    [
        .. Enumerable.Range(0, Dispersion.Intervals + 5)
            .Select(_ => versions.Look(random, requestsPerSecond * 60, 0, TimeSpan.Zero))
            .Select(minute => (minute.StableRequests, minute.StableErrors)),
    ]);
}
