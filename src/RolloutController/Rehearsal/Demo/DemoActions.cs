using RolloutController.Control.Intents;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal.Demo;

/// <summary>What a person can press on the demo's page.</summary>
internal sealed class DemoActions(DemoWorld world, RolloutActions operations) : IPageActions
{
    /// <inheritdoc/>
    public IReadOnlyList<PageAction> Actions =>
    [
        new("ship-good", "Ship a good version", "Rolls out a version that fails no requests.", _ => Done($"{world.Ship(isGood: true)} is on its way.")),
        new("ship-bad", "Ship a bad version", "Rolls out a version that fails 8 % of its requests.", _ => Done($"{world.Ship(isGood: false)} is on its way, and will fail."), IsDangerous: true),
        world.IsPrometheusBroken
            ? new("break-prometheus", "Mend Prometheus", "Lets Prometheus answer again.", _ => Break(false))
            : new("break-prometheus", "Break Prometheus", "Prometheus answers no more: nothing is promoted, and nothing rolled back for it.", _ => Break(true), IsDangerous: true),
        new("kill-stable", "Kill stable pods", "Every pod of the stable version crashes once.", _ => Kill(), IsDangerous: true),
    ];

    /// <inheritdoc/>
    public Task<ActionOutcome> OperateAsync(ObjectKey rollout, Intent intent, string user, CancellationToken cancellationToken) =>
        operations.OperateAsync(rollout, intent, user, cancellationToken);

    private Task<ActionOutcome> Break(bool broken)
    {
        world.Break(broken);
        return Done(broken ? "Prometheus does not answer any more." : "Prometheus answers again.");
    }

    private Task<ActionOutcome> Kill()
    {
        world.KillStablePods();
        return Done("The stable pods crash.");
    }

    private static Task<ActionOutcome> Done(string message) => Task.FromResult(new ActionOutcome(true, message));
}
