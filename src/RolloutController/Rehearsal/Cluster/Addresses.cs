using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>The cluster IPs of Services: the first that is free, from 10.96.0.1 on.</summary>
internal sealed class Addresses
{
    private readonly HashSet<string> _taken = [];

    /// <summary>Gives a Service its address, unless it has one, wants none or is a name only.</summary>
    public void Assign(JsonObject service)
    {
        var spec = service["spec"] as JsonObject;
        if (spec is null || (string?)spec["type"] == "ExternalName")
            return;
        var address = (string?)spec["clusterIP"] is { Length: > 0 } asked ? asked : Free();
        if (address != "None")
            _taken.Add(address);
        spec["clusterIP"] = address;
        spec["clusterIPs"] = new JsonArray(address);
    }

    /// <summary>Takes the address of a Service back.</summary>
    public void Release(JsonObject item)
    {
        if ((string?)item["spec"]?["clusterIP"] is { } address)
            _taken.Remove(address);
    }

    private string Free() => Enumerable.Range(1, 65_000).Select(number => $"10.96.{number / 250}.{(number % 250) + 1}").First(address => !_taken.Contains(address));
}
