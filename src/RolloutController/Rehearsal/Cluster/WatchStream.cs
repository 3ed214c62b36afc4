using RolloutController.Rehearsal.Time;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// The body of a watch: lines that are written from one side and read from the other, until it is ended or disposed. One reader; any
/// thread may write.
/// </summary>
/// <remarks>
/// Under a synchronization context (that of virtual time) a waiting read is completed from the context's queue, but outside of it: the
/// libraries that read then go on in place, and no thread of the pool is involved.
/// </remarks>
internal sealed class WatchStream : Stream
{
    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _lines = new();
    private readonly SynchronizationContext? _home = SynchronizationContext.Current;
    private TaskCompletionSource? _waiting;
    private bool _ended;

    // How much of the first line has been read.
    private int _offset;

    /// <summary>Told once, when the reader has gone.</summary>
    public event Action? Closed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Hands over a line.</summary>
    public void Write(ReadOnlyMemory<byte> line)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _lines.Enqueue(line);
        }
        Wake();
    }

    /// <summary>Ends the stream after what has been written.</summary>
    public void End()
    {
        lock (_gate)
            _ended = true;
        Wake();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_lines.Count > 0)
                    return Take(buffer.Span);
                if (_ended)
                    return 0;
                _waiting ??= new TaskCompletionSource(_home is null ? TaskCreationOptions.RunContinuationsAsynchronously : TaskCreationOptions.None);
                wait = _waiting.Task;
            }
            using (cancellationToken.UnsafeRegister(static (state, token) => ((WatchStream)state!).Cancel(token), this))
                await wait.ConfigureAwait(false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A watch is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Action? closed;
        lock (_gate)
        {
            _ended = true;
            _lines.Clear();
            closed = Closed;
            Closed = null;
        }
        closed?.Invoke();
        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        var taken = 0;
        while (taken < buffer.Length && _lines.TryPeek(out var line))
        {
            var part = Math.Min(line.Length - _offset, buffer.Length - taken);
            line.Span.Slice(_offset, part).CopyTo(buffer[taken..]);
            taken += part;
            _offset += part;
            if (_offset < line.Length)
                break;
            _lines.Dequeue();
            _offset = 0;
        }
        return taken;
    }

    private void Wake()
    {
        if (TakeWaiting() is not { } waiting)
            return;
        if (_home is null)
            waiting.SetResult();
        else
            _home.Post(static state => Outside.TheContext(((TaskCompletionSource)state!).SetResult), waiting);
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        if (TakeWaiting() is not { } waiting)
            return;
        if (_home is null)
            waiting.SetCanceled(cancellationToken);
        else
            Outside.TheContext(() => waiting.SetCanceled(cancellationToken));
    }

    private TaskCompletionSource? TakeWaiting()
    {
        lock (_gate)
        {
            var waiting = _waiting;
            _waiting = null;
            return waiting;
        }
    }
}
