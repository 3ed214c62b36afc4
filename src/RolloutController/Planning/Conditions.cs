using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// The conditions, for <c>kubectl wait</c> and for kstatus (Flux, Argo CD's health scripts): Reconciling and Stalled are true only
/// when that is abnormal, Ready only when the version asked for has all the traffic. A transition time moves only with the status.
/// </summary>
internal static class Conditions
{
    /// <summary>The conditions that go with a decision.</summary>
    public static IReadOnlyList<Condition> Of(Observation seen, Decision decision)
    {
        var done = decision.Phase == Phase.Healthy && !decision.Stalled;
        var running = decision.Phase is Phase.Progressing or Phase.RollingBack;
        var failed = decision.Phase is Phase.RolledBack;
        var reason = decision.Reason.Length > 0 ? decision.Reason : decision.Phase.ToString();
        return
        [
            Make(seen, decision, "Ready", done ? "True" : "False", reason),
            Make(seen, decision, "Progressing", running ? "True" : "False", reason),
            Make(seen, decision, "Reconciling", running && !decision.Stalled ? "True" : "False", reason),
            Make(seen, decision, "Stalled", decision.Stalled ? "True" : "False", reason),
            Make(seen, decision, "Succeeded", done ? "True" : failed || decision.Phase == Phase.RollingBack ? "False" : "Unknown", done ? "Promoted" : reason),
        ];
    }

    private static Condition Make(Observation seen, Decision decision, string type, string status, string reason)
    {
        var before = seen.Status.Conditions.FirstOrDefault(condition => condition.Type == type);
        return new Condition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = decision.Message,
            ObservedGeneration = seen.Rollout.Generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : seen.Now,
        };
    }
}
