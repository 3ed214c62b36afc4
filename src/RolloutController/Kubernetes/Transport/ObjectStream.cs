using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>The body of an answer that is one object, up to the size that any object can have.</summary>
internal sealed class ObjectStream(Stream body) : Stream
{
    /// <summary>The longest object, in bytes; etcd refuses far smaller ones.</summary>
    public const int Cap = 8 * 1024 * 1024;

    private int _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="JsonException">It is longer.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(buffer, cancellationToken);
        _read += read;
        return _read <= Cap ? read : throw TooLong("the answer");
    }

    /// <summary>What is said of something that is longer.</summary>
    public static JsonException TooLong(string what) => new($"Not read: {what} is longer than {Cap / (1024 * 1024)} MiB, which no object is.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }
}
