namespace RolloutController.TestPod;

/// <summary>
/// Goes on serving for a while after SIGTERM, as a preStop hook makes a real pod do: gateways learn only after the pod that it is
/// leaving. Then the server closes its port and finishes the requests that are under way.
/// </summary>
internal sealed class Drain(TimeSpan time) : IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(time, TimeProvider.System, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
