namespace RolloutController.Endpoints;

/// <summary>Reads what a server answers, up to a bound.</summary>
internal static class BoundedBody
{
    /// <summary>Reads a body.</summary>
    /// <param name="content">The answer.</param>
    /// <param name="most">The most bytes that an honest answer has.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The body; null where it is larger.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, int most, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (body.Length + read > most)
                return null;
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }
}
