namespace RolloutController.Rehearsal.Time;

/// <summary>
/// A clock that only goes on when nothing is left to do, and the one thread on which everything under it happens: an hour passes in
/// moments, and the same start gives the same run. Code under it awaits without ConfigureAwait(false), and waits by this clock alone.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    /// <summary>Makes a clock that stands at a moment.</summary>
    public VirtualTime(DateTimeOffset start) => throw new NotImplementedException();

    /// <summary>Runs work and whatever it starts until it completes; time goes on each time nothing else is left to do.</summary>
    /// <exception cref="InvalidOperationException">The work cannot complete: it waits, and no timer is set; or something left the thread.</exception>
    public void Run(Func<Task> work) => throw new NotImplementedException();
}
