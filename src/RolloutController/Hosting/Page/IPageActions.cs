using RolloutController.Control.Intents;
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
    /// <param name="intent">What to do.</param>
    /// <param name="user">Who asks for it; empty where nobody proved who it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesApiException">The API refused it, or there is no such Rollout.</exception>
    Task<ActionOutcome> OperateAsync(ObjectKey rollout, Intent intent, string user, CancellationToken cancellationToken);
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
