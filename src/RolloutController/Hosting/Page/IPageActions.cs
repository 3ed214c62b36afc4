using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// What people may do by the page. Where no such service is registered the page is read-only: it shows no buttons, and what would take
/// a request for an action does not exist.
/// </summary>
public interface IPageActions
{
    /// <summary>What can be done beside the operations on a Rollout, in the order in which it is shown; may be empty.</summary>
    IReadOnlyList<PageAction> Actions { get; }

    /// <summary>Carries out an operation on a Rollout.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="operation">What to do.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesApiException">The API refused it, or there is no such Rollout.</exception>
    Task<ActionOutcome> OperateAsync(ObjectKey rollout, RolloutOperation operation, CancellationToken cancellationToken);
}

/// <summary>Something that people can do by a button of the page.</summary>
/// <param name="Id">Its name in requests: lower-case letters, digits and '-'.</param>
/// <param name="Label">What the button says.</param>
/// <param name="Description">What comes of it, in a sentence.</param>
/// <param name="Run">Does it.</param>
/// <param name="IsDangerous">Whether it makes things fail, which the button shows.</param>
public sealed record PageAction(string Id, string Label, string Description, Func<CancellationToken, Task<ActionOutcome>> Run, bool IsDangerous = false);

/// <summary>What came of an action.</summary>
/// <param name="IsDone">Whether it was carried out, or at least accepted.</param>
/// <param name="Message">A sentence for people: what happens now, or what to do instead.</param>
public sealed record ActionOutcome(bool IsDone, string Message);

/// <summary>An operation on one Rollout.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Revision">The revision that is meant, which <see cref="PageVerb.Promote"/>, <see cref="PageVerb.Abort"/> and <see cref="PageVerb.Retry"/> need.</param>
/// <param name="User">Who asks for it; empty where nobody proved who it is.</param>
public sealed record RolloutOperation(PageVerb Verb, string Revision = "", string User = "");

/// <summary>What people can do with a Rollout.</summary>
public enum PageVerb
{
    /// <summary>Freeze progress.</summary>
    Pause,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>Let a step that pauses go on.</summary>
    Promote,

    /// <summary>Roll back.</summary>
    Abort,

    /// <summary>Try a revision that failed again.</summary>
    Retry,
}
