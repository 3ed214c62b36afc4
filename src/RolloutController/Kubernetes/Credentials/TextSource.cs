namespace RolloutController.Kubernetes;

/// <summary>A text that others may change while we run: a token, a certificate, a key.</summary>
internal abstract class TextSource
{
    /// <summary>The text as it is now.</summary>
    /// <exception cref="KubernetesCredentialException">It cannot be read, and was not read before.</exception>
    public abstract string Read();

    /// <summary>Tells that <paramref name="text"/> was of no use: if it still is the one that is held, it is read anew.</summary>
    public virtual void Forget(string text)
    {
    }

    /// <summary>A text that never changes.</summary>
    public static TextSource Inline(string text) => new InlineText(text);

    /// <summary>A file, read again once <paramref name="period"/> has passed. While it cannot be read, the last text holds.</summary>
    public static TextSource File(string path, TimeSpan period, TimeProvider timeProvider, ILogger logger) =>
        new FileText(path, period, timeProvider, logger);

    private sealed class InlineText(string text) : TextSource
    {
        public override string Read() => text;
    }

    private sealed class FileText(string path, TimeSpan period, TimeProvider timeProvider, ILogger logger) : TextSource
    {
        private readonly Lock _gate = new();
        private string? _text;
        private long _readAt;

        public override string Read()
        {
            lock (_gate)
            {
                if (_text is not null && timeProvider.GetElapsedTime(_readAt) < period)
                    return _text;
                _text = ReadFile();
                _readAt = timeProvider.GetTimestamp();
                return _text;
            }
        }

        public override void Forget(string text)
        {
            lock (_gate)
            {
                if (_text == text)
                    _text = null;
            }
        }

        private string ReadFile()
        {
            try
            {
                var text = System.IO.File.ReadAllText(path);
                if (string.IsNullOrWhiteSpace(text))
                    throw new IOException("the file is empty");
                // The same instance tells readers at a glance that nothing changed.
                return text == _text ? _text : text;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                if (_text is null)
                    throw new KubernetesCredentialException($"{path} cannot be read: {exception.Message}", exception);
                logger.LogWarning("{Path} cannot be read ({Problem}); what was read before is used on", path, exception.Message);
                return _text;
            }
        }
    }
}
