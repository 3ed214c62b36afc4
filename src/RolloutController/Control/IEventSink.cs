using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>Where notices go: to be seen with <c>kubectl describe</c>, and to whom the operator named. Never waits.</summary>
internal interface IEventSink
{
    /// <summary>Tells people about a Rollout.</summary>
    /// <param name="rollout">The Rollout, with the status that was decided.</param>
    /// <param name="notice">What to tell.</param>
    void Record(RolloutObject rollout, Notice notice);

    /// <summary>Tells people about a Deployment whose Rollout is gone.</summary>
    void Record(Deployment deployment, Notice notice);

    /// <summary>Warns people about a Rollout.</summary>
    void Warn(RolloutObject rollout, EventReason reason, string message) => Record(rollout, new Notice(reason, message, Severity.P2));
}
