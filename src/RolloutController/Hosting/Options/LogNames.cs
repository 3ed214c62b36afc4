namespace RolloutController.Hosting.Options;

/// <summary>The names of log formats and levels.</summary>
internal static class LogNames
{
    public static readonly string[] Formats = ["text", "json"];
    public static readonly string[] Levels = ["trace", "debug", "info", "warning", "error", "critical"];

    public static string FormatHint => $"write {string.Join(" or ", Formats)}";

    public static string LevelHint => $"write one of {string.Join(", ", Levels)}";

    public static bool TryParseFormat(string name, out LogFormat format)
    {
        format = name.Equals("json", StringComparison.OrdinalIgnoreCase) ? LogFormat.Json : LogFormat.Text;
        return Formats.Contains(name, StringComparer.OrdinalIgnoreCase);
    }

    public static bool TryParseLevel(string name, out LogLevel level)
    {
        LogLevel? known = name.ToLowerInvariant() switch
        {
            "trace" => LogLevel.Trace,
            "debug" => LogLevel.Debug,
            "info" or "information" => LogLevel.Information,
            "warning" or "warn" => LogLevel.Warning,
            "error" => LogLevel.Error,
            "critical" => LogLevel.Critical,
            _ => null,
        };
        level = known ?? LogLevel.Information;
        return known is not null;
    }
}
