using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// A real gateway: Debian's nginx, configured from the HTTPRoutes and Endpoints of a namespace. A route is answered as accepted only
/// when every worker that still takes connections serves it.
/// </summary>
internal sealed class NginxGateway : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-nginx-").FullName;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, long> _answered = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ClusterApi _api;
    private readonly NginxConfiguration _configuration;
    private readonly List<LiveList> _live = [];
    private ChildProcess? _process;
    private Task _following = Task.CompletedTask;
    private string _current = "";

    private NginxGateway(ClusterApi api)
    {
        _api = api;
        _configuration = new NginxConfiguration(_folder, ChildProcess.FreePort(), ChildProcess.FreePort());
    }

    /// <summary>Where clients send their requests.</summary>
    public Uri Url => new($"http://127.0.0.1:{_configuration.Port}/");

    /// <summary>How often the configuration was changed.</summary>
    public int Reloads { get; private set; }

    /// <summary>Starts it; ignores the test when nginx is not installed.</summary>
    public static async Task<NginxGateway> StartAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken)
    {
        var program = ChildProcess.Find("nginx");
        if (program is null)
            Assert.Ignore("nginx is not on PATH; install it to run this test.");
        var gateway = new NginxGateway(api);
        foreach (var path in new[] { ClusterPath.HttpRoutes(@namespace), ClusterPath.Services(@namespace), ClusterPath.Endpoints(@namespace) })
            gateway._live.Add(await LiveList.StartAsync(api, path, cancellationToken, _ => gateway._changes.Writer.TryWrite(true)));
        gateway.Write();
        gateway._process = ChildProcess.Start(program!, ["-c", gateway._configuration.File, "-e", Path.Combine(gateway._folder, "error.log")], Path.Combine(gateway._folder, "nginx.log"));
        await gateway._process.WaitUntilServingAsync(gateway._configuration.VersionUrl, TimeSpan.FromSeconds(10), cancellationToken);
        gateway._following = gateway.FollowAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var live in _live)
            await live.DisposeAsync();
        try
        {
            await _following;
        }
        catch (OperationCanceledException)
        {
        }
        if (_process is not null)
        {
            // Only a master that is told to end takes its workers with it.
            await _process.TerminateAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
            await _process.DisposeAsync();
        }
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task FollowAsync()
    {
        await foreach (var _ in _changes.Reader.ReadAllAsync(_stop.Token))
        {
            var routes = _live[0].Items;
            if (Write())
                await ReloadAsync(_stop.Token);
            foreach (var route in routes.Where(route => _answered.GetValueOrDefault(route.Uid()) < route.Number("metadata.generation")))
                await AnswerAsync(route);
        }
    }

    /// <summary>Writes the configuration of the present state; false when nothing changed.</summary>
    private bool Write()
    {
        var text = _configuration.Render(_live[0].Items, _live[1].Items, _live[2].Items);
        if (text == _current)
            return false;
        _current = text;
        Reloads++;
        File.WriteAllText(_configuration.File, text + _configuration.VersionServer(Reloads));
        return true;
    }

    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        var old = AcceptingWorkers();
        _process!.HangUp();
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false });
        // For a moment old and new workers share the port: the change is in effect once the new ones serve and the old ones have left it.
        while (await http.GetStringAsync(_configuration.VersionUrl, cancellationToken) != Reloads.ToString(CultureInfo.InvariantCulture) || AcceptingWorkers().Overlaps(old))
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"nginx has ended:\n{_process.LogTail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    private HashSet<int> AcceptingWorkers() => [.. File.ReadAllText($"/proc/{_process!.Id}/task/{_process.Id}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).Where(worker => !IsLeaving(worker))];

    private static bool IsLeaving(int worker)
    {
        try
        {
            return File.ReadAllText($"/proc/{worker}/cmdline").Contains("shutting down", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task AnswerAsync(JsonObject route)
    {
        var services = _live[1].Items.Select(service => service.Name()).ToHashSet();
        var missing = route.Each("spec.rules").SelectMany(rule => rule.Each("backendRefs")).Select(entry => entry.Text("name")!).FirstOrDefault(name => !services.Contains(name));
        try
        {
            await _api.MergeAsync(ClusterPath.Of(route) + "/status", RouteStatus.Of(route, true, missing), _stop.Token);
        }
        catch (ClusterApiException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return;
        }
        if (missing is null)
            _answered[route.Uid()] = route.Number("metadata.generation");
    }
}
