using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RolloutController.Api;

namespace RolloutController.Control.Tracing;

/// <summary>One try of one revision. All of it stands in status, so every process finds the same trace for it.</summary>
/// <param name="Uid">The Rollout's identity.</param>
/// <param name="Revision">The revision that is tried.</param>
/// <param name="StartedAt">When it set out; the next try of the same revision is another one.</param>
internal sealed record RolloutAttempt(string Uid, string Revision, DateTimeOffset StartedAt)
{
    /// <summary>The trace of this try.</summary>
    public ActivityTraceId TraceId { get; } = ActivityTraceId.CreateFromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{Uid}\n{Revision}\n{StartedAt.UtcDateTime:O}"))).AsSpan(0, 16));

    /// <summary>The try that is under way; null where none is.</summary>
    public static RolloutAttempt? Of(string uid, RolloutStatus status) =>
        status is { State: InFlight flight, StartedAt: { } started } ? new RolloutAttempt(uid, flight.Canary, started) : null;
}
