namespace RolloutController.Outbound;

/// <summary>A text that must not reach a log or a message: writing it out by mistake writes <c>(redacted)</c>.</summary>
/// <param name="value">The text.</param>
internal readonly struct Secret(string value)
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Reads a secret of one line from a file, without the line end that editors leave.</summary>
    /// <exception cref="CredentialException">The file cannot be read, or holds no such secret.</exception>
    public static async Task<Secret> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new CredentialException();
            var text = (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
            return text.Length > 0 && !text.Any(char.IsControl) ? new Secret(text) : throw new CredentialException();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CredentialException();
        }
    }

    /// <summary>The text, where it is meant to be used.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "(redacted)";
}

/// <summary>A secret's file cannot be used. Says neither which nor why, since messages reach users of other namespaces.</summary>
internal sealed class CredentialException() : Exception("A credential cannot be read from its file.");
