using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The defaults of Services and of what is behind them. Addresses are the cluster's to give.</summary>
internal static class ServiceDefaults
{
    /// <summary>Writes the defaults of a Service.</summary>
    public static void Of(JsonObject spec)
    {
        spec.Or("type", "ClusterIP");
        spec.Or("sessionAffinity", "None");
        if (spec.Text("sessionAffinity") == "ClientIP")
            spec.Within("sessionAffinityConfig").Within("clientIP").Or("timeoutSeconds", 10_800);
        foreach (var port in spec.Objects("ports"))
        {
            port.Or("protocol", "TCP");
            if (port["targetPort"] is null || port.Number("targetPort") == 0 || port.Text("targetPort") is "")
                port["targetPort"] = port["port"]?.DeepClone() ?? 0;
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer")
            spec.Or("externalTrafficPolicy", "Cluster");
        if (type is "LoadBalancer")
            spec.Or("allocateLoadBalancerNodePorts", true);
        if (type is not ("NodePort" or "LoadBalancer" or "ClusterIP"))
            return;
        spec.Or("internalTrafficPolicy", "Cluster");
        spec.Or("ipFamilies", new JsonArray("IPv4"));
        spec.Or("ipFamilyPolicy", "SingleStack");
    }

    /// <summary>Writes the defaults of Endpoints and EndpointSlices.</summary>
    public static void OfEndpoints(JsonObject item)
    {
        foreach (var port in item.Objects("ports").Concat(item.Objects("subsets").SelectMany(subset => subset.Objects("ports"))))
            port.Or("protocol", "TCP");
        // Every port of a slice has a name, if only an empty one.
        foreach (var port in item.Objects("ports"))
            port.Or("name", "");
    }
}
