namespace RolloutController.Rehearsal.Time;

/// <summary>
/// Outside of the synchronization context of virtual time, libraries go on in place and not on a thread of the pool, which a virtual clock
/// would know nothing of.
/// </summary>
internal static class Outside
{
    /// <summary>Does something outside of the context.</summary>
    public static void TheContext(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Waits until it is cancelled. That completes outside of the context, so that a library that awaits it goes on in place.</summary>
    public static async Task<T> NeverAsync<T>(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource<T>();
        await using (cancellationToken.UnsafeRegister(state => TheContext(() => ((TaskCompletionSource<T>)state!).TrySetCanceled(cancellationToken)), never))
            return await never.Task.ConfigureAwait(false);
    }
}
