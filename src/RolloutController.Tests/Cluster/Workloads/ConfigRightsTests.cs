using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>What is said where no role allows <c>rolloutOn: [template, config]</c>, and that it is what has to be written.</summary>
internal sealed class ConfigRightsTests : ControllerTest
{
    private const string Template =
        """
        {metadata: {labels: {app: shop}}, spec: {volumes: [{name: config, configMap: {name: shop-config}}], containers: [{name: app, image: 'example/shop:v1', ports: [{containerPort: 8080, protocol: TCP}],
         envFrom: [{secretRef: {name: shop-db}}]}]}}
        """;

    /// <summary>They are what the test is about.</summary>
    protected override bool MayBeForbidden => true;

    [Test]
    public async Task The_commands_that_the_status_prints_are_all_that_is_needed()
    {
        await ApplyAsync("{apiVersion: v1, kind: ConfigMap, metadata: {name: shop-config}, data: {color: blue}}");
        await ApplyAsync("{apiVersion: v1, kind: Secret, metadata: {name: shop-db}, stringData: {password: one}}");
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(CountedRollout("v1") with { Template = Template, More = "  rolloutOn: [template, config]" });

        await GrantAsync("the controller may not read ConfigMap shop-config, Secret shop-db in namespace ");
        await GrantAsync("the controller may not create ConfigMaps in namespace ");
        await UntilHealthyAsync();
    }

    private async Task GrantAsync(string complaint)
    {
        var told = (await UntilRolloutAsync(
            rollout => rollout.Text("status.message")?.StartsWith($"spec.rolloutOn: {complaint}{Namespace}", StringComparison.Ordinal) == true, complaint)).Text("status.message")!;
        foreach (var command in told[(told.IndexOf("; allow it: ", StringComparison.Ordinal) + "; allow it: ".Length)..].Split(" && "))
        {
            Assert.That(command, Does.StartWith("kubectl -n "));
            // kubectl writes roles as protobuf, which the embedded cluster does not read.
            await ApplyAsync(await Kubectl.RunAsync(Namespace, Cancellation, [.. command.Split(' ')[1..], "--dry-run=client", "-o", "yaml"]));
        }
    }
}
