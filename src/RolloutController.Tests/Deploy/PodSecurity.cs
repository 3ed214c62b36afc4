using System.Text.Json.Nodes;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Deploy;

/// <summary>
/// The level "restricted" of the Pod Security Standards, as Kubernetes 1.34 publishes them, that of "baseline" included:
/// https://kubernetes.io/docs/concepts/security/pod-security-standards/
/// </summary>
internal static class PodSecurity
{
    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];
    private static readonly string[] SeccompProfiles = ["RuntimeDefault", "Localhost"];
    private static readonly string[] SelinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
    private static readonly string[] Sysctls =
    [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
    ];

    /// <summary>What a pod does that the standard forbids.</summary>
    /// <param name="pod">The <c>spec</c> of a pod or template.</param>
    public static IEnumerable<string> Violations(JsonNode pod) =>
        OfPod(pod).Concat(Containers(pod).SelectMany(container => OfContainer(pod, container).Select(what => $"container {container.Text("name")}: {what}")));

    private static IEnumerable<JsonNode> Containers(JsonNode pod) => ((string[])["containers", "initContainers", "ephemeralContainers"]).SelectMany(pod.Each);

    private static IEnumerable<string> OfPod(JsonNode pod)
    {
        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(pod.Flag))
            yield return $"{field} is set";
        foreach (var volume in pod.Each("volumes").OfType<JsonObject>().Where(volume => volume.Select(field => field.Key).Except(Volumes).Any(field => field != "name")))
            yield return $"volume {volume.Text("name")} is of a type that is not allowed";
        foreach (var sysctl in pod.Each("securityContext.sysctls").Where(sysctl => !Sysctls.Contains(sysctl.Text("name"))))
            yield return $"sysctl {sysctl.Text("name")} is not allowed";
        foreach (var what in OfContext(pod.At("securityContext")))
            yield return what;
    }

    private static IEnumerable<string> OfContainer(JsonNode pod, JsonNode container)
    {
        var context = container.At("securityContext");
        if (context.Flag("privileged"))
            yield return "privileged";
        if (context.Text("allowPrivilegeEscalation") != "false")
            yield return "allowPrivilegeEscalation is not false";
        if (!context.Each("capabilities.drop").Any(capability => capability.ToString() == "ALL"))
            yield return "capabilities.drop does not have ALL";
        if (context.Each("capabilities.add").Any(capability => capability.ToString() != "NET_BIND_SERVICE"))
            yield return "capabilities are added";
        if ((context.Text("runAsNonRoot") ?? pod.Text("securityContext.runAsNonRoot")) != "true")
            yield return "runAsNonRoot is not true";
        if (!SeccompProfiles.Contains(context.Text("seccompProfile.type") ?? pod.Text("securityContext.seccompProfile.type")))
            yield return "seccompProfile is neither RuntimeDefault nor Localhost";
        if (context.Text("procMount") is not (null or "Default"))
            yield return "procMount is not Default";
        foreach (var what in OfContext(context))
            yield return what;
        if (container.Each("ports").Any(port => port.Number("hostPort") != 0))
            yield return "a hostPort is used";
        foreach (var handler in new[] { "livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop" })
        {
            if (new[] { "httpGet", "tcpSocket" }.Any(kind => container.Text($"{handler}.{kind}.host") is { Length: > 0 }))
                yield return $"{handler} names a host";
        }
    }

    /// <summary>What holds of a pod's security context as of a container's.</summary>
    private static IEnumerable<string> OfContext(JsonNode? context)
    {
        if (context.Flag("windowsOptions.hostProcess"))
            yield return "hostProcess is set";
        if (context.At("runAsUser") is not null && context.Number("runAsUser") == 0)
            yield return "runAsUser is 0";
        if (context.Text("appArmorProfile.type") is not (null or "RuntimeDefault" or "Localhost"))
            yield return "appArmorProfile is Unconfined";
        if (!SelinuxTypes.Contains(context.Text("seLinuxOptions.type") ?? "") || context.At("seLinuxOptions.user") is not null || context.At("seLinuxOptions.role") is not null)
            yield return "seLinuxOptions are not allowed";
    }
}
