using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The defaults of pods and pod templates.</summary>
internal static class PodDefaults
{
    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] NodeTroubles = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    /// <summary>The defaults of a template, and those of a pod that come with it.</summary>
    public static void OfTemplate(JsonObject spec)
    {
        spec.Or("restartPolicy", "Always");
        spec.Or("dnsPolicy", "ClusterFirst");
        spec.Or("schedulerName", "default-scheduler");
        spec.Or("terminationGracePeriodSeconds", 30);
        spec.Or("securityContext", new JsonObject());
        ServiceAccount(spec);
        foreach (var list in ContainerLists)
        {
            foreach (var container in spec.Objects(list))
                OfContainer(container, spec.Flag("hostNetwork"));
        }

        foreach (var volume in spec.Objects("volumes"))
            VolumeDefaults.Of(volume);
    }

    /// <summary>The defaults of a pod, with what the admission plugins of every cluster add.</summary>
    public static void OfPod(JsonObject spec)
    {
        OfTemplate(spec);
        spec.Or("enableServiceLinks", true);
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
            RequestLimits(container);
        spec.Or("priority", 0);
        spec.Or("preemptionPolicy", "PreemptLowerPriority");
        Tolerate(spec);
    }

    /// <summary>The older name of the field stays beside the newer.</summary>
    private static void ServiceAccount(JsonObject spec)
    {
        if ((spec.Text("serviceAccountName") ?? spec.Text("serviceAccount")) is not { } name)
            return;
        spec["serviceAccountName"] = name;
        spec["serviceAccount"] = name;
    }

    private static void OfContainer(JsonObject container, bool isOnHost)
    {
        container.Or("terminationMessagePath", "/dev/termination-log");
        container.Or("terminationMessagePolicy", "File");
        container.Or("imagePullPolicy", ImageName.IsLatest(container.Text("image") ?? "") ? "Always" : "IfNotPresent");
        foreach (var port in container.Objects("ports"))
        {
            port.Or("protocol", "TCP");
            if (isOnHost && port["containerPort"] is { } number)
                port.Or("hostPort", number.DeepClone());
        }

        foreach (var variable in container.Objects("env"))
            variable.Object("valueFrom", "fieldRef")?.Or("apiVersion", "v1");
        foreach (var name in Probes)
            OfProbe(container.Object(name));
        foreach (var handler in new[] { "postStart", "preStop" })
            OfRequest(container.Object("lifecycle", handler, "httpGet"));
    }

    private static void OfProbe(JsonObject? probe)
    {
        if (probe is null)
            return;
        // 0 is what was left out.
        foreach (var (field, value) in new[] { ("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3) })
            probe.Or(field, value);
        OfRequest(probe.Object("httpGet"));
        probe.Object("grpc")?.Or("service", "");
    }

    private static void OfRequest(JsonObject? request)
    {
        request?.Or("path", "/");
        request?.Or("scheme", "HTTP");
    }

    private static void RequestLimits(JsonObject container)
    {
        if (container.Object("resources", "limits") is not { Count: > 0 } limits)
            return;
        var requests = container.Within("resources").Within("requests");
        foreach (var (name, limit) in limits)
            requests.Or(name, limit!.DeepClone());
    }

    private static void Tolerate(JsonObject spec)
    {
        foreach (var trouble in NodeTroubles)
        {
            var isTolerated = spec.Objects("tolerations").Any(toleration =>
                toleration.Text("effect") is null or "NoExecute" && (toleration.Text("key") ?? "") is var key && (key == trouble || key.Length == 0));
            if (isTolerated)
                continue;
            if (spec["tolerations"] is not JsonArray tolerations)
                spec["tolerations"] = tolerations = [];
            tolerations.Add((JsonNode)new JsonObject { ["key"] = trouble, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
        }
    }
}
