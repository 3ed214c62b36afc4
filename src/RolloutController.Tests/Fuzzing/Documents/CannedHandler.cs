using System.Net;
using System.Net.Http.Headers;

namespace RolloutController.Tests.Fuzzing.Documents;

/// <summary>Answers every request with a body.</summary>
/// <param name="body">Opens the body.</param>
internal sealed class CannedHandler(Func<HttpContent> body) : HttpMessageHandler
{
    public CannedHandler(byte[] body)
        : this(() => new ByteArrayContent(body))
    {
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = body();
        content.Headers.ContentType ??= new MediaTypeHeaderValue("application/json");
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content });
    }
}

/// <summary>A body without an end, or one that takes for ever; it counts what is read of it.</summary>
/// <param name="clock">The clock.</param>
/// <param name="start">What it begins with.</param>
/// <param name="pause">How long the next byte takes; zero for as many as are asked for at once.</param>
internal sealed class EndlessStream(TimeProvider clock, byte[] start, TimeSpan pause) : Stream
{
    /// <summary>How many bytes were read.</summary>
    public long Taken { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => Taken; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, clock, cancellationToken).ConfigureAwait(false);
        var count = pause > TimeSpan.Zero ? 1 : buffer.Length;
        for (var at = 0; at < count; at++)
            buffer.Span[at] = Taken + at < start.Length ? start[Taken + at] : (byte)' ';
        Taken += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
