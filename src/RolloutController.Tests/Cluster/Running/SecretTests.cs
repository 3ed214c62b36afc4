using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>Pod templates hold secrets that should not be there, and the controller is not to spread them.</summary>
internal sealed class SecretTests : ControllerTest
{
    private const string Secret = "correct-horse-battery";

    /// <summary>Whatever is logged at all.</summary>
    protected override IReadOnlyList<string> Arguments => ["--log-level", "trace"];

    [TestCase("{name: PASSWORD, value: correct-horse-battery}", null, TestName = "Template_that_is_taken")]
    [TestCase("{name: 'PASS WORD', value: correct-horse-battery}", "InvalidTemplate", TestName = "Template_with_a_name_that_is_refused")]
    [TestCase("{name: PASSWORD, value: {inline: correct-horse-battery}}", "InvalidTemplate", TestName = "Template_that_cannot_be_decoded")]
    [TestCase("{name: PASSWORD, value: correct-horse-battery}, {name: PORT, value: 8080}", "InvalidTemplate", TestName = "Template_with_a_number_beside_the_secret")]
    [TestCase("{name: PASSWORD, value: correct-horse-battery, valueFrom: {fieldRef: {fieldPath: metadata.name}}}", "InvalidTemplate", TestName = "Template_with_two_values")]
    public async Task Secret_in_a_template_goes_nowhere_else(string variables, string? reason)
    {
        await DeployAsync(Rollout("v1") with { Weights = [100] });

        await ChangeAsync($"{{spec: {{template: {{spec: {{containers: [{{name: app, image: 'example/shop:v2', env: [{variables}]}}]}}}}}}}}");

        if (reason is null)
            await UntilPodsAsync(("v2", 2));
        else
            await UntilEventAsync("shop", reason);
        await UntilRolloutAsync(rollout => IsSeen(rollout) && (reason is null ? IsAtRest(rollout) : rollout.Condition("Stalled").Text("reason") == reason), "the new template to be judged");
        using var http = new HttpClient();
        Assert.That(Controller.ReadLog(), Does.Not.Contain(Secret));
        Assert.That((await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation)).At("status")!.ToJsonString(), Does.Not.Contain(Secret));
        Assert.That((await Api.ListAsync(ClusterPath.Events(Namespace), Cancellation)).Select(item => item.ToJsonString()), Has.None.Contains(Secret));
        foreach (var path in new[] { "/metrics", "/health/detailed", "/readyz?verbose" })
            Assert.That(await http.GetStringAsync(new Uri(Controller.Url, path), Cancellation), Does.Not.Contain(Secret), path);
    }
}
