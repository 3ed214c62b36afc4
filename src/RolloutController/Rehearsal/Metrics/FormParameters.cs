namespace RolloutController.Rehearsal.Metrics;

/// <summary>Reads the parameters of a request.</summary>
internal static class FormParameters
{
    /// <summary>The parameters of texts such as <c>query=up&amp;time=5</c>; of several with one name the first counts, as in Go.</summary>
    public static IReadOnlyDictionary<string, string> Read(params ReadOnlySpan<string> texts)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = pair.Split('=', 2);
                parameters.TryAdd(Decoded(parts[0]), parts.Length == 2 ? Decoded(parts[1]) : "");
            }
        }

        return parameters;
    }

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
