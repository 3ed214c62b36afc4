using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// Requests that nobody sends: counters of each pod that advance as if a gateway split a steady stream by the route in effect, over
/// the endpoints of its Services. Prometheus scrapes them from a <see cref="MetricsEndpoint"/>.
/// </summary>
internal sealed class FakeTraffic : IAsyncDisposable
{
    private sealed class Counter(string version)
    {
        public string Version { get; } = version;

        public double Requests { get; set; }

        public double Errors { get; set; }
    }

    private sealed record Scene(JsonObject? Route, Dictionary<string, JsonObject> Endpoints, Dictionary<string, JsonObject> Pods);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Counter> _counters = [];
    private readonly ConcurrentDictionary<string, double> _failShares = [];
    private readonly MetricsEndpoint _endpoint;
    private readonly string _namespace;
    private readonly string _service;
    private readonly string? _route;
    private readonly List<LiveList> _live = [];
    private Scene _scene = new(null, [], []);
    private double _requestsPerSecond;
    private double _lost;
    private long _advancedAt = Stopwatch.GetTimestamp();

    private FakeTraffic(MetricsEndpoint endpoint, string @namespace, string service, string? route, double requestsPerSecond)
    {
        _endpoint = endpoint;
        _namespace = @namespace;
        _service = service;
        _route = route;
        _requestsPerSecond = requestsPerSecond;
    }

    /// <summary>How many requests a second are sent.</summary>
    public double RequestsPerSecond
    {
        get => _requestsPerSecond;
        set => Advance(() => _requestsPerSecond = value);
    }

    /// <summary>Requests that met no endpoint, or the endpoint of a pod that was gone.</summary>
    public double Lost
    {
        get
        {
            Advance(() => { });
            return _lost;
        }
    }

    /// <summary>Starts to send through a route, or straight to a Service when <paramref name="route"/> is null.</summary>
    public static async Task<FakeTraffic> StartAsync(
        ClusterApi api, MetricsEndpoint endpoint, string @namespace, string service, string? route, double requestsPerSecond, CancellationToken cancellationToken)
    {
        var traffic = new FakeTraffic(endpoint, @namespace, service, route, requestsPerSecond);
        foreach (var path in new[] { ClusterPath.Endpoints(@namespace), ClusterPath.Pods(@namespace), ClusterPath.HttpRoutes(@namespace) })
            traffic._live.Add(await LiveList.StartAsync(api, path, cancellationToken, traffic.Take));
        endpoint.Add(traffic);
        return traffic;
    }

    /// <summary>Makes a version fail a share of its requests, 0 to 1, from now on, whatever its pods' annotations say.</summary>
    /// <param name="version">The tag of the pods' image.</param>
    public void Fail(string version, double share) => Advance(() => _failShares[version] = share);

    /// <summary>What the pods of a version answered so far, gone pods included.</summary>
    public (long Requests, long Errors) Of(string version)
    {
        Advance(() => { });
        lock (_gate)
        {
            var counters = _counters.Values.Where(counter => counter.Version == version).ToList();
            return (counters.Sum(counter => (long)counter.Requests), counters.Sum(counter => (long)counter.Errors));
        }
    }

    /// <summary>The counters of the pods that are there. As with a real client library, no error series exists before the first error.</summary>
    public string Exposition()
    {
        Advance(() => { });
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var (pod, counter) in _counters.Where(pair => _scene.Pods.ContainsKey(pair.Key)))
            {
                Append(text, pod, "200", (long)counter.Requests - (long)counter.Errors);
                if (counter.Errors >= 1)
                    Append(text, pod, "500", (long)counter.Errors);
            }
        }
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        _endpoint.Remove(this);
        foreach (var live in _live)
            await live.DisposeAsync();
    }

    private void Append(StringBuilder text, string pod, string code, long value) => text.Append(
        CultureInfo.InvariantCulture, $"http_requests_total{{namespace=\"{_namespace}\",pod=\"{pod}\",code=\"{code}\"}} {value}\n");

    private void Take(ClusterEvent change) => Advance(() =>
    {
        var gone = change.Type == "DELETED";
        _scene = change.Object.Text("kind") switch
        {
            "Endpoints" => _scene with { Endpoints = With(_scene.Endpoints, change.Object, gone) },
            "Pod" => _scene with { Pods = With(_scene.Pods, change.Object, gone) },
            // A gateway goes on with the version that it accepted last.
            "HTTPRoute" when change.Object.Name() == _route && RouteShares.IsInEffect(change.Object) => _scene with { Route = gone ? null : change.Object },
            _ => _scene,
        };
    });

    private static Dictionary<string, JsonObject> With(Dictionary<string, JsonObject> objects, JsonObject changed, bool gone)
    {
        var copy = new Dictionary<string, JsonObject>(objects);
        copy.Remove(changed.Name());
        if (!gone)
            copy[changed.Name()] = changed;
        return copy;
    }

    /// <summary>Sends what was due since the last time to the scene as it was, then changes it.</summary>
    private void Advance(Action change)
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            var due = _requestsPerSecond * Stopwatch.GetElapsedTime(_advancedAt, now).TotalSeconds;
            _advancedAt = now;
            foreach (var (service, share) in Shares())
                Send(service, due * share);
            change();
        }
    }

    private IReadOnlyDictionary<string, double> Shares()
    {
        if (_route is null)
            return new Dictionary<string, double> { [_service] = 1 };
        return _scene.Route is null ? new Dictionary<string, double>() : RouteShares.Of(_scene.Route);
    }

    private void Send(string service, double requests)
    {
        var pods = _scene.Endpoints.GetValueOrDefault(service).Each("subsets").SelectMany(subset => subset.Each("addresses"))
            .Select(address => address.Text("targetRef.name")).ToList();
        if (pods.Count == 0)
            _lost += requests;
        foreach (var name in pods)
        {
            if (name is not null && _scene.Pods.TryGetValue(name, out var pod))
                Count(pod, requests / pods.Count);
            else
                _lost += requests / pods.Count;
        }
    }

    private void Count(JsonObject pod, double requests)
    {
        var version = PodAnnotations.VersionOf(pod);
        if (!_counters.TryGetValue(pod.Name(), out var counter))
            _counters[pod.Name()] = counter = new Counter(version);
        counter.Requests += requests;
        counter.Errors += requests * (_failShares.TryGetValue(version, out var share) ? share : PodAnnotations.FailShareOf(pod));
    }
}
