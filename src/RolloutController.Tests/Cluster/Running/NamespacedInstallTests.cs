using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>The controller as <c>deploy/namespaced</c> installs it: with rights in one namespace and in no other.</summary>
internal sealed class NamespacedInstallTests : ClusterTest
{
    private string _folder = "";

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Rolls_out_and_back_with_the_rights_of_one_namespace()
    {
        await RequireRolloutsAsync();
        await StartKubeletAsync();
        await StartGatewayAsync();
        await ApplyAsync(await ManifestAsync("rights.yaml"));
        _folder = Directory.CreateTempSubdirectory("rollout-namespaced-").FullName;
        var kubeconfig = await ServiceAccountKubeconfig.CreateAsync(Api, await ManifestAsync("rbac.yaml"), _folder, Cancellation, Namespace);
        var controller = await StartControllerAsync(prometheus: null, kubeconfig, leaseNamespace: Namespace);

        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await ApplyAsync(Version("v1").Yaml());
        await UntilPhaseAsync("Healthy");
        await ApplyAsync(Version("v2").Yaml());
        await UntilPhaseAsync("Healthy");
        await ApplyAsync(Version("v3", (PodAnnotations.Behaviour, "crash-loop")).Yaml());
        await UntilPhaseAsync("RolledBack");

        var metrics = await ControllerMetrics.ReadAsync(controller.Url, Cancellation);
        Assert.That(metrics.Sum("rest_client_requests_total", "code=\"403\""), Is.Zero, "requests that deploy/namespaced does not allow");
        Assert.That(metrics.Sum("rest_client_requests_total", "code=\"20"), Is.Positive);

        // What it may not do: look beyond its namespace, or read Secrets.
        using var account = ClusterApi.FromKubeconfig(kubeconfig);
        foreach (var path in new[] { ClusterPath.Pods("default"), ClusterPath.Rollouts("default"), $"/api/v1/namespaces/{Namespace}/secrets", "/api/v1/pods" })
            Assert.That(Assert.ThrowsAsync<ClusterApiException>(() => account.ListAsync(path, Cancellation))!.Status, Is.EqualTo(System.Net.HttpStatusCode.Forbidden), path);
    }

    private static RolloutBuilder Version(string version, params (string Key, string Value)[] annotations) =>
        new(Manifests.Template(version, "shop", annotations)) { MaxErrorRate = null, Weights = [50, 100] };

    /// <summary>The manifest, for a controller that is installed in the namespace of the test.</summary>
    private async Task<string> ManifestAsync(string file) =>
        (await File.ReadAllTextAsync(RepositoryFiles.PathOf($"deploy/namespaced/{file}"), Cancellation)).Replace("rollout-system", Namespace, StringComparison.Ordinal);

    private Task<JsonObject> UntilPhaseAsync(string phase) => UntilAsync(
        ClusterPath.Rollouts(Namespace, "shop"),
        rollout => rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation")
            && rollout.Text("status.phase") == phase && rollout.Text("status.state.name") == "AtRest",
        $"the Rollout to be {phase}", 90);
}
