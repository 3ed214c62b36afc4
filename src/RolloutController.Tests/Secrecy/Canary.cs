using System.Collections.Concurrent;
using System.Text;
using NUnit.Framework;

namespace RolloutController.Tests.Secrecy;

/// <summary>
/// Secrets that tests plant wherever one can be, and that may be in nothing that is produced: logs, statuses, events, metrics, pages, reports,
/// messages. Looked for as they are, and in the usual encodings.
/// </summary>
internal static class Canary
{
    /// <summary>What every planted secret begins with.</summary>
    private const string Mark = "c4n4ry-";

    private static readonly ConcurrentDictionary<string, string> s_kept = new();

    private static readonly IReadOnlyList<(string Text, string What)> s_marks =
    [
        (Mark, "a planted secret"),
        (Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Mark)), "a planted secret in hexadecimal digits"),
        .. Enumerable.Range(0, 3).Select(offset => (Base64(offset), "a planted secret in Base64")),
    ];

    /// <summary>A secret to plant.</summary>
    /// <param name="what">What it is, in lower-case letters and hyphens.</param>
    public static string Of(string what) => $"{Mark}{what}-Zq8";

    /// <summary>Has a secret looked for that a test could not choose, such as a token.</summary>
    public static string Keep(string secret, string what)
    {
        s_kept[secret] = what;
        return secret;
    }

    /// <summary>What a test shows of its own objects, without what it planted there: only what something else produced is to be found out.</summary>
    public static string Without(string text) => text.Replace(Mark, "planted-", StringComparison.Ordinal);

    /// <summary>The secrets in a text.</summary>
    public static IReadOnlyList<string> In(string text) =>
    [
        .. s_marks.Where(mark => text.Contains(mark.Text, StringComparison.Ordinal)).Select(mark => $"{mark.What}: {Around(text, mark.Text)}"),
        .. s_kept.Where(kept => text.Contains(kept.Key, StringComparison.Ordinal)).Select(kept => kept.Value),
    ];

    /// <summary>Fails where something that was produced holds a secret.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="text">All of it.</param>
    public static void AssertNotIn(string what, string text) => Assert.That(In(text), Is.Empty, $"{what} holds a secret");

    /// <summary>The part of the encoded mark that does not depend on what stands beside it.</summary>
    private static string Base64(int offset)
    {
        var encoded = Convert.ToBase64String([.. new byte[offset], .. Encoding.UTF8.GetBytes(Mark)]);
        var first = offset == 0 ? 0 : offset + 1;
        return encoded[first..((offset + Mark.Length) * 8 / 6)];
    }

    private static string Around(string text, string found)
    {
        var at = text.IndexOf(found, StringComparison.Ordinal);
        return text[Math.Max(0, at - 80)..Math.Min(text.Length, at + found.Length + 20)];
    }
}
