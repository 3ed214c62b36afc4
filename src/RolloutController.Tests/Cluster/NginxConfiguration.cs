using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>Writes routes as an nginx configuration.</summary>
/// <param name="folder">Where nginx keeps its files.</param>
/// <param name="port">Where clients send their requests.</param>
/// <param name="innerPort">Serves the configuration's version, and the answers of backends that have no endpoints.</param>
internal sealed class NginxConfiguration(string folder, int port, int innerPort)
{
    public int Port => port;

    public string File => Path.Combine(folder, "nginx.conf");

    /// <summary>Answers the number of the configuration in effect.</summary>
    public Uri VersionUrl => new($"http://127.0.0.1:{innerPort}/version");

    /// <summary>The configuration, without the server that tells its version.</summary>
    public string Render(IReadOnlyList<JsonObject> routes, IReadOnlyList<JsonObject> services, IReadOnlyList<JsonObject> endpoints)
    {
        var upstreams = new StringBuilder();
        var locations = new Dictionary<string, string>();
        var matched = new Dictionary<string, string>();
        foreach (var route in routes.OrderBy(route => route.Name(), StringComparer.Ordinal))
        {
            var rules = route.Each("spec.rules").Count();
            for (var rule = 0; rule < rules; rule++)
            {
                var upstream = $"{route.Name()}-{rule}";
                upstreams.Append(CultureInfo.InvariantCulture, $"  upstream {upstream} {{\n{Servers(RouteShares.Entries(route, rule), services, endpoints)}  }}\n");
                foreach (var (prefix, header) in Matches(route, rule))
                {
                    if (header is null)
                        locations.TryAdd(prefix, $"proxy_pass http://{upstream};");
                    else
                        matched[prefix] = $"if ({header}) {{ proxy_pass http://{upstream}; }} {matched.GetValueOrDefault(prefix)}";
                }
            }
        }
        // A request is tried once: trying it on another version would hide a failure. A gateway of today does the same by default.
        return $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log warn;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              proxy_next_upstream off;
              proxy_connect_timeout 1s;
            {{upstreams}}  server {
                listen 127.0.0.1:{{port}} backlog=4096;
            {{string.Concat(locations.Select(location => $"    location {location.Key} {{ {matched.GetValueOrDefault(location.Key)}{location.Value} }}\n"))}}  }

            """;
    }

    /// <summary>What ends the configuration: a server that tells its version.</summary>
    public string VersionServer(int version) =>
        $$"""
          server {
            listen 127.0.0.1:{{innerPort}};
            location = /version { return 200 {{version}}; }
            location / { return 503; }
          }
        }

        """;

    /// <summary>The prefixes of a rule, each with the one header that it may ask for, as a condition of nginx.</summary>
    private static List<(string Prefix, string? Header)> Matches(JsonObject route, int rule)
    {
        var matches = route.Each($"spec.rules.{rule}.matches").Select(match => (match.Text("path.value") ?? "/", Header(match.Each("headers").SingleOrDefault()))).ToList();
        return matches.Count == 0 ? [("/", null)] : matches;
    }

    private static string? Header(JsonNode? header) => header is null ? null
        : $"$http_{header.Text("name")!.ToLowerInvariant().Replace('-', '_')} = \"{header.Text("value")}\"";

    /// <summary>
    /// The endpoints of all backends in one list, because nginx deals out by weight exactly: each backend's weight is divided evenly
    /// among its endpoints, and a backend that has none keeps its share, answered with 503.
    /// </summary>
    private string Servers(IEnumerable<(string Service, long Port, long Weight)> entries, IReadOnlyList<JsonObject> services, IReadOnlyList<JsonObject> endpoints)
    {
        var backends = entries.Where(entry => entry.Weight > 0)
            .Select(entry => (entry.Weight, Addresses: Addresses(entry.Service, entry.Port, services, endpoints))).ToList();
        if (backends.Count == 0)
            return $"    server 127.0.0.1:{innerPort};\n";
        var parts = backends.Select(backend => (long)backend.Addresses.Count).Aggregate(1L, (common, count) => common / Gcd(common, count) * count);
        var weighted = backends.SelectMany(backend => backend.Addresses.Select(address => (address, Weight: backend.Weight * parts / backend.Addresses.Count)))
            .GroupBy(server => server.address).Select(group => (Address: group.Key, Weight: group.Sum(server => server.Weight))).ToList();
        var divisor = weighted.Select(server => server.Weight).Aggregate(Gcd);
        return string.Concat(weighted.Select(server => $"    server {server.Address} weight={server.Weight / divisor} max_fails=0;\n"));
    }

    private List<string> Addresses(string service, long port, IReadOnlyList<JsonObject> services, IReadOnlyList<JsonObject> endpoints)
    {
        var portName = services.FirstOrDefault(item => item.Name() == service).Each("spec.ports").FirstOrDefault(item => item.Number("port") == port).Text("name");
        var found = endpoints.FirstOrDefault(item => item.Name() == service).Each("subsets").SelectMany(subset =>
            subset.Each("ports").Where(item => item.Text("name") == portName).SelectMany(item =>
                subset.Each("addresses").Select(address => $"{address.Text("ip")}:{item.Number("port")}"))).Order(StringComparer.Ordinal).ToList();
        return found.Count == 0 ? [$"127.0.0.1:{innerPort}"] : found;
    }

    private static long Gcd(long a, long b) => (long)BigInteger.GreatestCommonDivisor(a, b);
}
