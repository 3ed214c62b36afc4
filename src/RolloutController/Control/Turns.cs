using System.Collections.Concurrent;
using System.Threading.Channels;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// Lets only so many ask the same one at a time, each in its turn, so that one who is slow keeps neither the others waiting nor hundreds
/// of requests open.
/// </summary>
/// <param name="places">How many may ask one at a time.</param>
/// <param name="patience">How long a turn is waited for.</param>
/// <param name="clock">The clock.</param>
internal sealed class Turns(int places, TimeSpan patience, TimeProvider clock)
{
    // Channels, which serve who waited first; under a virtual clock there is no other thread that a semaphore could wake.
    private readonly ConcurrentDictionary<string, Channel<Place>> _free = new();

    /// <summary>How many may ask one at a time.</summary>
    public int Places => places;

    /// <summary>How long a turn is waited for.</summary>
    public TimeSpan Patience => patience;

    /// <summary>Waits for a turn, which ends when it is disposed; null when none came in time.</summary>
    /// <param name="whom">Who is asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IDisposable?> TakeAsync(string whom, CancellationToken cancellationToken)
    {
        var free = _free.GetOrAdd(whom, _ => Open());
        if (free.Reader.TryRead(out _))
            return new Turn(free.Writer);
        using var deadline = new Deadline(patience, clock, cancellationToken);
        try
        {
            await free.Reader.ReadAsync(deadline.Token);
            return new Turn(free.Writer);
        }
        catch (OperationCanceledException) when (deadline.HasPassed && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private Channel<Place> Open()
    {
        var channel = Channel.CreateBounded<Place>(places);
        for (var place = 0; place < places; place++)
            channel.Writer.TryWrite(default);
        return channel;
    }

    private readonly record struct Place;

    private sealed class Turn(ChannelWriter<Place> free) : IDisposable
    {
        private bool _over;

        public void Dispose()
        {
            if (!_over)
                free.TryWrite(default);
            _over = true;
        }
    }
}
