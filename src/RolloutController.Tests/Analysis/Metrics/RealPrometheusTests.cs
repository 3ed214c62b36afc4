using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Tests.Analysis.Metrics;

/// <summary>The whole way with the real server: scraped, stored, asked, subtracted.</summary>
[CancelAfter(60_000)]
public sealed class RealPrometheusTests
{
    [Test]
    public async Task Counts_what_a_real_Prometheus_scraped(CancellationToken token)
    {
        var binary = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "prometheus")).FirstOrDefault(File.Exists);
        if (binary is null)
            Assert.Ignore("There is no prometheus on PATH; Debian's package prometheus brings one.");

        var counts = (Ok: 10, Failed: 1);
        await using var pod = await FakePrometheus.StartAsync(context => context.Response.WriteAsync(
            $$"""
            # TYPE http_requests_total counter
            http_requests_total{code="200"} {{counts.Ok}}
            http_requests_total{code="500"} {{counts.Failed}}
            # TYPE http_request_duration_seconds histogram
            http_request_duration_seconds_bucket{le="0.1"} {{counts.Ok}}
            http_request_duration_seconds_bucket{le="0.5"} {{counts.Ok + counts.Failed}}
            http_request_duration_seconds_bucket{le="+Inf"} {{counts.Ok + counts.Failed}}
            http_request_duration_seconds_sum 1
            http_request_duration_seconds_count {{counts.Ok + counts.Failed}}

            """.ReplaceLineEndings("\n"), token));
        var folder = Directory.CreateTempSubdirectory("prometheus-test-");
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = DateTimeOffset.UtcNow.AddSeconds(-1);
        using var server = Start(binary!, folder, address, pod.Address);
        try
        {
            using var provider = new PrometheusProvider(new PrometheusOptions("real", address), TimeProvider.System);
            await Ready(address, token);
            var sampler = new ErrorRateSampler(
                provider, provider.DefaultSelectors, new ArmIdentity("prod", null, "abc", ArmIdentity.PodsOf("shop-abc")), null, start, TimeSpan.FromSeconds(15), TimeProvider.System);
            var evidence = Evidence.StartingAt(start);

            async Task Expect(long requests, long errors)
            {
                while (evidence.Requests < requests)
                {
                    evidence = evidence.Add(await sampler.SampleAsync(token), ErrorRateRule.DefaultTolerance);
                    await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
                }

                Assert.That((evidence.Class, evidence.Requests, evidence.Errors), Is.EqualTo((DataClass.Ok, requests, errors)), evidence.Message);
            }

            await Expect(11, 1);
            counts = (25, 3);
            await Expect(28, 3);
            // Of 17 more, 15 took 0.1 s at the most and 2 up to 0.5 s: the 16.83th lies 1.83 of 2 parts of the way, at 466 ms. Prometheus guesses how
            // many there were before its first scrape, which moves that a little.
            var slowest = new SlowestHundredth(provider, Presets.Latency("plain", TimeSpan.FromMilliseconds(500))!, new ArmIdentity("prod", null, "abc", ArmIdentity.PodsOf("shop-abc")));
            Assert.That(await slowest.ReadAsync(token), Does.Match("^99 of 100 took about 4[5-7][0-9] ms or less$"));
            counts = (4, 0);
            await Expect(32, 3);

            var broken = SelectorTemplate.Parse("""http_requests_total{pod=~"$pods",code=~"("}""").Render(new ArmIdentity("prod", null, "abc", "x"));
            Assert.That(await provider.ReadAsync(new MetricQuery.Counters(broken, TimeSpan.FromMinutes(2)), token), Is.InstanceOf<MetricReading.Refused>());
            Assert.That(await provider.ReadAsync(new MetricQuery.Counters("nothing_of_that_name", TimeSpan.FromMinutes(2)), token), Is.InstanceOf<MetricReading.Found>().With.Property("Series").Empty);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private static Process Start(string binary, DirectoryInfo folder, Uri address, Uri target)
    {
        var config = Path.Combine(folder.FullName, "prometheus.yml");
        File.WriteAllText(config, $$"""
            global: {scrape_interval: 200ms, scrape_timeout: 200ms}
            scrape_configs:
            - job_name: shop
              static_configs:
              - targets: ["{{target.Authority}}"]
                labels: {namespace: prod, pod: shop-abc-x7k2p}
            """);
        return Process.Start(new ProcessStartInfo(binary, [
            $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}", $"--web.listen-address={address.Authority}", "--log.level=error"]))!;
    }

    private static async Task Ready(Uri address, CancellationToken token)
    {
        using var http = new HttpClient();
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(new Uri(address, "/-/ready"), token);
                if (response.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
