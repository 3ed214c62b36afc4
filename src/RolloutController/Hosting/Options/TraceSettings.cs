namespace RolloutController.Hosting.Options;

/// <summary>
/// The settings of traces, which are those that all of OpenTelemetry has; only what decides whether there are any is read here.
/// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
/// </summary>
internal static class TraceSettings
{
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

    /// <summary>Whether the environment names a collector, and nothing turns traces off.</summary>
    /// <param name="environment">The environment of the process.</param>
    /// <param name="problems">Told of an endpoint that is none: the package would send to localhost instead.</param>
    public static bool AreOn(IReadOnlyDictionary<string, string> environment, List<string> problems)
    {
        var named = Endpoints.Where(name => !string.IsNullOrWhiteSpace(environment.GetValueOrDefault(name))).ToList();
        var wrong = named.Where(name => !IsAddress(environment[name])).ToList();
        // Not repeated in the message: it may hold a password.
        problems.AddRange(wrong.Select(name => $"{name} is no http or https address: write one such as http://otel-collector.monitoring:4317."));
        return named.Count > 0 && wrong.Count == 0 && !Is(environment, "OTEL_SDK_DISABLED", "true") && !Is(environment, "OTEL_TRACES_EXPORTER", "none");
    }

    private static bool IsAddress(string text) => Uri.TryCreate(text.Trim(), UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static bool Is(IReadOnlyDictionary<string, string> environment, string name, string value) =>
        value.Equals(environment.GetValueOrDefault(name)?.Trim(), StringComparison.OrdinalIgnoreCase);
}
