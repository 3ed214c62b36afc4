using RolloutController.Api;

namespace RolloutController.Rehearsal.Demo;

/// <summary>Runs the demo's world, and ships versions, good and bad by turns, for as long as nobody else does.</summary>
internal sealed class DemoService(DemoWorld world, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = world.Stage.RunAsync(stoppingToken);
        try
        {
            world.Open();
            for (var turn = 0; ; turn++)
            {
                await UntilAtRestAsync(stoppingToken);
                world.Ship(isGood: turn % 2 == 0);
                if (turn % 2 == 1)
                    world.ShipWorker();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await running;
        }
    }

    /// <summary>Waits until the shop has been at rest for a while; a step that waits for a person goes on when none comes.</summary>
    private async Task UntilAtRestAsync(CancellationToken cancellationToken)
    {
        var (resting, waiting) = (TimeSpan.Zero, TimeSpan.Zero);
        while (resting < Rest)
        {
            await Task.Delay(Look, clock, cancellationToken);
            var shop = world.Shop();
            var isAtRest = shop is { Status: { State: AtRest, Phase: Phase.Healthy or Phase.RolledBack } } && shop.Status.ObservedGeneration == shop.Metadata.Generation;
            resting = isAtRest ? resting + Look : TimeSpan.Zero;
            var waits = shop is { Spec.Paused: false, Status: { Phase: Phase.Paused, State: Progressing } };
            waiting = waits ? waiting + Look : TimeSpan.Zero;
            if (waiting >= Patience && shop!.Status.State is Progressing step)
                world.Promote(step.Canary);
        }
    }
}
