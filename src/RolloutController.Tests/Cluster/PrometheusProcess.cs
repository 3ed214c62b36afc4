using System.Globalization;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>A real Prometheus that scrapes every second. It can be stopped and started again with the same data.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-prometheus-").FullName;
    private readonly int _port = ChildProcess.FreePort();
    private ChildProcess? _process;

    private PrometheusProcess()
    {
    }

    /// <summary>Where its API is.</summary>
    public Uri Url => new($"http://127.0.0.1:{_port}");

    /// <summary>Starts it; ignores the test when Prometheus is not installed.</summary>
    /// <param name="targets">Host and port of what is scraped from the start on, with labels of its own honoured.</param>
    public static async Task<PrometheusProcess> StartAsync(IEnumerable<string> targets, CancellationToken cancellationToken)
    {
        var prometheus = new PrometheusProcess();
        await File.WriteAllTextAsync(Path.Combine(prometheus._folder, "prometheus.yaml"), prometheus.Configuration(targets), cancellationToken);
        prometheus.SetPods([]);
        await prometheus.StartAgainAsync(cancellationToken);
        return prometheus;
    }

    /// <summary>Starts it on the data that it had.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        var program = ChildProcess.Find("prometheus");
        if (program is null)
            Assert.Ignore("prometheus is not on PATH; install it to run this test.");
        string[] arguments = [
            $"--config.file={_folder}/prometheus.yaml", $"--storage.tsdb.path={_folder}/data", $"--web.listen-address=127.0.0.1:{_port}",
            "--scrape.discovery-reload-interval=100ms"];
        _process = ChildProcess.Start(program!, arguments, Path.Combine(_folder, "prometheus.log"));
        await _process.WaitUntilServingAsync(new Uri(Url, "/-/ready"), TimeSpan.FromSeconds(30), cancellationToken);
    }

    /// <summary>Stops it; its data stays.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _process!.TerminateAsync(TimeSpan.FromSeconds(20), cancellationToken);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGKILL; what it had written stays.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Scrapes exactly these pods on port 8080 from now on. Prometheus takes changes over every five seconds at the most often.</summary>
    public void SetPods(IEnumerable<JsonObject> pods)
    {
        var groups = pods.Where(pod => pod.Text("status.podIP") is not null).Select(pod => new JsonObject
        {
            ["targets"] = new JsonArray($"{pod.Text("status.podIP")}:{RealPods.Port}"),
            ["labels"] = new JsonObject { ["namespace"] = pod.Text("metadata.namespace"), ["pod"] = pod.Name() },
        });
        var file = Path.Combine(_folder, "pods.json");
        // Prometheus must never see half a file.
        File.WriteAllText(file + ".new", new JsonArray([.. groups]).ToJsonString());
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Scrapes the pods of a namespace as they come and go, as with service discovery, until the result is disposed.</summary>
    public Task<LiveList> FollowPodsAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken)
    {
        var pods = new Dictionary<string, JsonObject>();
        return LiveList.StartAsync(api, ClusterPath.Pods(@namespace), cancellationToken, change =>
        {
            if (change.Type == "DELETED")
                pods.Remove(change.Object.Uid());
            else
                pods[change.Object.Uid()] = change.Object;
            SetPods(pods.Values);
        });
    }

    /// <summary>The value of a query that yields one number; null where it yields none.</summary>
    public async Task<double?> QueryAsync(string query, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var answer = JsonNode.Parse(await http.GetStringAsync(new Uri(Url, $"/api/v1/query?query={Uri.EscapeDataString(query)}"), cancellationToken));
        return answer.Text("data.result.0.value.1") is { } value ? double.Parse(value, CultureInfo.InvariantCulture) : null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Configuration(IEnumerable<string> targets) =>
        $$"""
        global: {scrape_interval: 1s, scrape_timeout: 1s}
        scrape_configs:
          - job_name: traffic
            honor_labels: true
            static_configs: [{targets: [{{string.Join(", ", targets.Select(target => $"'{target}'"))}}]}]
          - job_name: pods
            file_sd_configs: [{files: ['{{_folder}}/pods.json'], refresh_interval: 1s}]
        """;
}
