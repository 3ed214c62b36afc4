namespace RolloutController.Kubernetes;

/// <summary>
/// A token that is cancelled with its parent, or when a time has passed on a <see cref="TimeProvider"/>. Dispose it: the parent holds
/// on to it until then, and a parent that lives as long as the process would collect them.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;

    public Deadline(TimeSpan after, TimeProvider timeProvider, CancellationToken parent)
    {
        _timer = new CancellationTokenSource(after, timeProvider);
        _either = CancellationTokenSource.CreateLinkedTokenSource(parent, _timer.Token);
    }

    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time has passed, rather than the parent been cancelled.</summary>
    public bool HasPassed => _timer.IsCancellationRequested;

    /// <summary>Starts the time anew.</summary>
    public void Extend(TimeSpan after) => _timer.CancelAfter(after);

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}
