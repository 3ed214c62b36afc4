using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Deploy;

/// <summary>The Deployment keeps Pod Security "restricted", and whatever is against it is found.</summary>
internal sealed class PodSecurityTests
{
    private static JsonNode Pod => YamlFile.Documents("deploy/deployment.yaml").Single().At("spec.template.spec")!.DeepClone();

    [Test]
    public void The_controllers_pod_is_restricted() => Assert.That(PodSecurity.Violations(Pod), Is.Empty);

    [TestCase("{hostNetwork: true}", "hostNetwork is set")]
    [TestCase("{hostPID: true}", "hostPID is set")]
    [TestCase("{hostIPC: true}", "hostIPC is set")]
    [TestCase("{volumes: [{name: host, hostPath: {path: /}}]}", "volume host is of a type that is not allowed")]
    [TestCase("{volumes: [{name: host, nfs: {path: /}}]}", "volume host is of a type that is not allowed")]
    [TestCase("{securityContext: {runAsUser: 0}}", "runAsUser is 0")]
    [TestCase("{securityContext: {runAsNonRoot: true, seccompProfile: {type: Unconfined}}}", "container controller: seccompProfile is neither RuntimeDefault nor Localhost")]
    [TestCase("{securityContext: {seccompProfile: {type: RuntimeDefault}}}", "container controller: runAsNonRoot is not true")]
    [TestCase("{securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}}", "sysctl kernel.msgmax is not allowed")]
    [TestCase("{securityContext: {windowsOptions: {hostProcess: true}}}", "hostProcess is set")]
    [TestCase("{securityContext: {appArmorProfile: {type: Unconfined}}}", "appArmorProfile is Unconfined")]
    [TestCase("{securityContext: {seLinuxOptions: {type: spc_t}}}", "seLinuxOptions are not allowed")]
    [TestCase("{initContainers: [{name: first}]}", "container first: allowPrivilegeEscalation is not false")]
    public void What_a_pod_must_not_do_is_found(string change, string violation) => Assert.That(PodSecurity.Violations(Merged(Pod, change)), Does.Contain(violation));

    [TestCase("{securityContext: {privileged: true}}", "privileged")]
    [TestCase("{securityContext: {allowPrivilegeEscalation: true}}", "allowPrivilegeEscalation is not false")]
    [TestCase("{securityContext: {capabilities: {drop: [NET_RAW]}}}", "capabilities.drop does not have ALL")]
    [TestCase("{securityContext: {capabilities: {drop: [ALL], add: [SYS_ADMIN]}}}", "capabilities are added")]
    [TestCase("{securityContext: {runAsNonRoot: false}}", "runAsNonRoot is not true")]
    [TestCase("{securityContext: {runAsUser: 0}}", "runAsUser is 0")]
    [TestCase("{securityContext: {procMount: Unmasked}}", "procMount is not Default")]
    [TestCase("{ports: [{containerPort: 8080, hostPort: 8080}]}", "a hostPort is used")]
    [TestCase("{livenessProbe: {httpGet: {host: 169.254.169.254, path: /}}}", "livenessProbe names a host")]
    public void What_a_container_must_not_do_is_found(string change, string violation)
    {
        var pod = Pod;
        Merged(pod["containers"]![0]!, change);
        Assert.That(PodSecurity.Violations(pod), Does.Contain($"container controller: {violation}"));
    }

    private static JsonNode Merged(JsonNode item, string change)
    {
        foreach (var (name, value) in Yaml.Parse(change))
            item[name] = value?.DeepClone();
        return item;
    }
}
