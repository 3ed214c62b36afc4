using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RolloutController.Kubernetes;

/// <summary>What the API says of a failure: its <c>Status</c> object.</summary>
internal sealed partial record KubernetesStatus
{
    // Enough for any Status with its causes; what is shown of it is far less.
    private const int ReadCap = 256 * 1024;
    private const int MessageCap = 4096;

    public string? Kind { get; init; }

    public int? Code { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public StatusDetails? Details { get; init; }

    /// <summary>The failure that a response tells of, whatever its body is.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="response">The response.</param>
    /// <param name="secret">The credential that it was asked with, which a proxy may repeat; it is left out. Null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<KubernetesApiException> ReadAsync(KubernetesRequest request, HttpResponseMessage response, string? secret, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, cancellationToken);
        if (!string.IsNullOrEmpty(secret) && body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)) >= 0)
            body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace(secret, "(redacted)", StringComparison.Ordinal));
        var said = TryParse(body);
        if (said is null && ForeignAnswer.Of(response) is { } foreign)
            return new KubernetesStatus { Message = foreign }.ToException(response.StatusCode, $"{request}: ", RetryAfterOf(response), isForeign: true);
        var status = said ?? new KubernetesStatus { Message = Encoding.UTF8.GetString(body) };
        return status.ToException(response.StatusCode, $"{request}: ", RetryAfterOf(response));
    }

    /// <summary>The failure that an error event of a watch tells of.</summary>
    public KubernetesApiException ToException(HttpStatusCode statusCode, string prefix, TimeSpan? retryAfter = null, bool isForeign = false)
    {
        var causes = Details?.Causes?.Select(cause => new StatusCause(cause.Field ?? "", Clean(cause.Message ?? cause.Reason ?? ""))).ToList();
        var message = string.IsNullOrWhiteSpace(Message) ? Reason ?? "" : Clean(Message).TrimEnd('.', ' ');
        return new KubernetesApiException(
            statusCode,
            Reason ?? "",
            $"{prefix}{(message.Length > 0 ? message : "the API gave no reason")} ({(int)statusCode})",
            retryAfter ?? (Details?.RetryAfterSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null),
            causes)
        {
            ObjectName = Details?.Name ?? "",
            IsForeign = isForeign,
        };
    }

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var body = await ResponseBody.OpenAsync(response, cancellationToken);
        var buffer = new byte[ReadCap];
        var length = await body.ReadAtLeastAsync(buffer, ReadCap, throwOnEndOfStream: false, cancellationToken);
        return buffer[..length];
    }

    private static KubernetesStatus? TryParse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, KubernetesJsonContext.Default.KubernetesStatus) is { Kind: "Status" } status ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta is { } wait && wait >= TimeSpan.Zero ? wait : null;

    // A proxy may answer with anything; control characters would let it write lines of its own into the log. And the API quotes
    // whole objects, as JSON, as Go prints them, and around the place where it could not read on; their environment variables may hold a secret.
    private static string Clean(string text)
    {
        text = ReadingContext().Replace(PrintedObject().Replace(QuotedObject().Replace(text, "the object"), "$1the object"), "");
        var shown = text.Length > MessageCap ? $"{text[..(char.IsHighSurrogate(text[MessageCap - 1]) ? MessageCap - 1 : MessageCap)]}..." : text;
        return string.Concat(shown.Select(character => char.IsControl(character) ? ' ' : character)).Trim();
    }

    // Each of these matches wherever its beginning is found, to the end of the text where the object has none: a text that is made to be
    // looked at again and again is read once, and an object that was cut off is left out, too.
    [GeneratedRegex("""
        "\{(?>(\\.|[^"\\])*)("|\\?\z)
        """, RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex QuotedObject();

    // k8s.io/apimachinery/pkg/util/validation/field, Error.ErrorBody
    [GeneratedRegex(@"((?:Invalid|Duplicate|Unsupported) value: )(?>[&*\[\]\w.]+)\{(?:.*\}|.*)", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PrintedObject();

    // json-iterator, Iterator.ReportError
    [GeneratedRegex(@", error found in #[0-9]+ byte of .*", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex ReadingContext();
}

/// <summary>More about a failure.</summary>
internal sealed record StatusDetails
{
    public string? Name { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public IReadOnlyList<StatusDetail>? Causes { get; init; }
}

/// <summary>One cause of a failure.</summary>
internal sealed record StatusDetail
{
    public string? Field { get; init; }

    public string? Message { get; init; }

    public string? Reason { get; init; }
}
