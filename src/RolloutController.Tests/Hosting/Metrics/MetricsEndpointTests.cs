using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net.Http.Headers;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Hosting.Metrics;

namespace RolloutController.Tests.Hosting.Metrics;

public class MetricsEndpointTests
{
    [Test]
    public async Task Promtool_finds_nothing_to_object_to()
    {
        if (!OnPath("promtool"))
            Assert.Ignore("promtool is not on the PATH: apt-get install prometheus brings it.");
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);
        using var meters = new EveryInstrument();

        var text = await host.Client.GetStringAsync("/metrics");
        Assert.That(MetricTable.All.Select(entry => entry.Definition.Name).Where(name => !text.Contains($"# HELP {name} ", StringComparison.Ordinal)), Is.Empty);
        var (exitCode, output) = await CheckMetrics(text);

        Assert.That(output, Is.Empty);
        Assert.That(exitCode, Is.Zero);
    }

    [Test]
    public async Task The_process_and_the_build_are_shown()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);

        var response = await host.Client.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();

        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
        Assert.That(text, Does.Match("(?m)^rollout_build_info\\{version=\"[^\"]+\",revision=\"[^\"]*\",runtime=\"\\.NET [^\"]+\"\\} 1$"));
        foreach (var name in new[] { "process_start_time_seconds", "process_resident_memory_bytes", "process_cpu_seconds_total" })
            Assert.That(text, Does.Match($"(?m)^{name} [0-9.]+$"));
    }

    [Test]
    public async Task Counters_with_known_labels_are_shown_before_anything_happened()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);

        var text = await host.Client.GetStringAsync("/metrics");

        foreach (var series in RollbackReasons.All.Select(reason => $"rollout_rollbacks_total{{reason=\"{reason}\"}}")
            .Concat(Enum.GetNames<DataClass>().Select(name => $"rollout_verdicts_total{{class=\"{name}\"}}"))
            .Append("controller_runtime_reconcile_total{controller=\"rollout\",result=\"error\"}"))
            Assert.That(text, Does.Contain($"\n{series} "));
    }

    [Test]
    public async Task OpenMetrics_ends_with_its_mark_and_can_be_compressed()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text;version=1.0.0"));
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));

        using var response = await host.Client.SendAsync(request);

        Assert.That(response.Content.Headers.ContentType?.ToString(), Is.EqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8"));
        Assert.That(response.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
        using var reader = new StreamReader(new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        var text = await reader.ReadToEndAsync();
        Assert.That(text, Does.StartWith("# TYPE ").And.EndsWith("\n# EOF\n"));
        Assert.That(text, Does.Contain("# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n"));
    }

    [Test]
    public async Task Head_has_the_headers_only()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/metrics");

        using var response = await host.Client.SendAsync(request);

        Assert.That(response.IsSuccessStatusCode, Is.True);
        Assert.That(response.Content.Headers.ContentLength, Is.GreaterThan(0));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<(int ExitCode, string Output)> CheckMetrics(string text)
    {
        var start = new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        using var promtool = Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var output = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return (promtool.ExitCode, output);
    }

    /// <summary>Makes every instrument of the table and records something with hostile labels.</summary>
    private sealed class EveryInstrument : IDisposable
    {
        private readonly Dictionary<string, Meter> _meters = [];

        public EveryInstrument()
        {
            foreach (var (meterName, definition) in MetricTable.All)
            {
                if (!_meters.TryGetValue(meterName, out var meter))
                    _meters[meterName] = meter = new Meter(meterName);
                Record(meter, definition);
            }
        }

        public void Dispose()
        {
            foreach (var meter in _meters.Values)
                meter.Dispose();
        }

        private static void Record(Meter meter, MetricDefinition definition)
        {
            var tags = definition.Labels.Select(label => new KeyValuePair<string, object?>(label, $"a \"{label}\" \\ with\na line")).ToArray();
            switch (definition.Type)
            {
                case MetricType.Counter:
                    meter.CreateCounter<long>(definition.Name).Add(3, tags);
                    break;
                case MetricType.Histogram:
                    meter.CreateHistogram<double>(definition.Name).Record(0.3, tags);
                    break;
                default:
                    meter.CreateObservableGauge(definition.Name, () => new Measurement<double>(0.5, tags));
                    break;
            }
        }
    }
}
