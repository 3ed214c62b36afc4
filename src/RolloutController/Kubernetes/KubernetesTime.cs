using System.Globalization;

namespace RolloutController.Kubernetes;

/// <summary>
/// Writes times as the Kubernetes API reads them. Its <c>MicroTime</c> takes exactly six fraction digits and refuses any other
/// number of them, none included; its <c>Time</c> has none.
/// </summary>
public static class KubernetesTime
{
    /// <summary>A <c>Time</c>: whole seconds, UTC.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A <c>MicroTime</c>: microseconds, UTC.</summary>
    public static string FormatMicro(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
