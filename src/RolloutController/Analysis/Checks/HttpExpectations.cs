using System.Globalization;
using System.Text.Json;
using RolloutController.Api;

namespace RolloutController.Analysis.Checks;

/// <summary>An answer, as far as it is judged.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Header">What it says in a header; null where it does not have it.</param>
/// <param name="Body">Its body; null where it is longer than any that is read.</param>
internal sealed record HttpAnswer(int Status, Func<string, string?> Header, ReadOnlyMemory<byte>? Body);

/// <summary>What a check wants of an answer. Nothing that the answer says reaches a message but its status and the number that is asked for.</summary>
internal static class HttpExpectations
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32 };

    /// <summary>What is wrong with an answer, and the value that is measured.</summary>
    /// <param name="spec">What is wanted.</param>
    /// <param name="answer">The answer.</param>
    public static (string? Wrong, double? Value) Judge(HttpCheckSpec spec, HttpAnswer answer)
    {
        if (!IsFine(spec.Status, answer.Status))
            return (string.Create(CultureInfo.InvariantCulture, $"answers {answer.Status}"), null);
        if (spec.ExpectHeaders.FirstOrDefault(expected => !Says(answer.Header(expected.Name), expected.Expected)) is { } header)
            return ($"does not answer with the header {header.Name}{Wanted(header.Expected)}", null);
        if (spec is { ExpectJson: [], Value: null })
            return (null, null);
        if (answer.Body is not { } body)
            return ("answers with more than is read (64 KiB)", null);
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return OfJson(spec, document.RootElement);
        }
        // Half of a surrogate pair is well-formed JSON, and no text.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return ("does not answer with JSON", null);
        }
    }

    private static (string?, double?) OfJson(HttpCheckSpec spec, JsonElement root)
    {
        if (spec.ExpectJson.FirstOrDefault(expected => !Says(Text(JsonPointer.Find(root, expected.Pointer)), expected.Expected)) is { } place)
            return ($"does not have {place.Pointer}{Wanted(place.Expected)} in its JSON", null);
        if (spec.Value is not { } pointer)
            return (null, null);
        return JsonPointer.Find(root, pointer) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) && double.IsFinite(value)
            ? (null, value)
            : ($"has no number at {pointer} in its JSON", null);
    }

    private static bool IsFine(IReadOnlyList<IntOrString> statuses, int status) => statuses.Count == 0
        ? status is >= 200 and < 300
        : statuses.Any(fine => fine.Number is { } number ? number == status : fine.Text.Length == 3 && fine.Text[0] - '0' == status / 100);

    private static bool Says(string? text, string? expected) => text is not null && (expected is null || text == expected);

    private static string Wanted(string? expected) => expected is null ? "" : $" = {expected}";

    private static string? Text(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } scalar => scalar.GetRawText(),
        { ValueKind: JsonValueKind.Object or JsonValueKind.Array } => "",
        _ => null,
    };
}
