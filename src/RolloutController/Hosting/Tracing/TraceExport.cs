using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using RolloutController.Control.Tracing;

namespace RolloutController.Hosting.Tracing;

/// <summary>
/// Sends the traces of rollouts by OTLP, where the operator says so with the settings that all of OpenTelemetry has; the package reads them itself.
/// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
/// </summary>
internal sealed class TraceExport : IDisposable
{
    /// <summary>How long the last spans may take when the process ends.</summary>
    public static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(5);

    private readonly TracerProvider _provider = Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("rollout-controller", serviceVersion: BuildVersion.Version))
        .AddSource(RolloutTracer.SourceName)
        .AddOtlpExporter()
        .Build();

    /// <summary>Sends what is left, and waits for it no longer than <see cref="FlushTimeout"/>.</summary>
    public void Dispose()
    {
        _provider.Shutdown((int)FlushTimeout.TotalMilliseconds);
        _provider.Dispose();
    }
}
