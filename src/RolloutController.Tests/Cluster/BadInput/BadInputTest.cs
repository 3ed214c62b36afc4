using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.BadInput;

/// <summary>
/// A mistake in what the user wrote: it is told, with the field, in a condition and in an event; nothing that serves is touched; other
/// Rollouts go on; and once it is put right, so does this one.
/// </summary>
internal abstract class BadInputTest : ControllerTest
{
    private const string Neighbour = "other";

    /// <summary>Deploys a Rollout beside the one of the test.</summary>
    [SetUp]
    public async Task DeployNeighbourAsync() => await DeployAsync(NeighbourOf("v1"));

    /// <summary>Makes a mistake in what is deployed, and puts it right.</summary>
    /// <param name="mistake">Makes it.</param>
    /// <param name="reason">What the conditions are to say to programs.</param>
    /// <param name="field">The field that the message is to begin with.</param>
    /// <param name="message">A part of what it is to say further.</param>
    /// <param name="remedy">Puts it right.</param>
    /// <returns>The Rollout while it was wrong.</returns>
    protected async Task<JsonObject> MistakeAsync(Func<Task> mistake, string reason, string field, string message, Func<Task> remedy)
    {
        var pods = Kubelet.RunningUids(IsOurs);
        await mistake();
        var before = await UntouchableAsync();

        var wrong = await UntilInvalidAsync(reason, field, message);
        await NeighbourGoesOnAsync();

        Assert.That(Kubelet.RunningUids(IsOurs), Is.EquivalentTo(pods));
        Assert.That(await UntouchableAsync(), Is.EqualTo(before));

        await remedy();
        await UntilHealthyAsync();
        return wrong;
    }

    /// <summary>Waits until a Rollout is refused, and checks how.</summary>
    protected async Task<JsonObject> UntilInvalidAsync(string reason, string field, string message, string name = "shop")
    {
        var wrong = await UntilRolloutAsync(
            rollout => IsSeen(rollout) && rollout.Condition("Stalled").Text("status") == "True" && rollout.Condition("Stalled").Text("reason") == reason, $"the reason {reason}", name);
        Assert.That(wrong.Text("status.phase"), Is.EqualTo("Invalid"));
        Assert.That(wrong.Text("status.message"), Does.StartWith($"{field}").And.Contain(message));
        Assert.That(wrong.Condition("Stalled").Text("message"), Is.EqualTo(wrong.Text("status.message")));
        Assert.That(wrong.Is("Ready"), Is.False);
        var warning = await UntilEventAsync(name, reason);
        Assert.That(warning.Text("type"), Is.EqualTo("Warning"));
        Assert.That(warning.Text("message"), Is.EqualTo(wrong.Text("status.message")));
        return wrong;
    }

    private async Task NeighbourGoesOnAsync()
    {
        await ApplyAsync(NeighbourOf("v2"));
        await UntilRolloutAsync(rollout => rollout.Text("status.state.name") == "Progressing", "the neighbour to be rolled out", Neighbour);
        await UntilHealthyAsync(Neighbour);
    }

    private static RolloutBuilder NeighbourOf(string version) =>
        new(Manifests.Template(version, Neighbour)) { Name = Neighbour, Service = Neighbour, HttpRoutes = [Neighbour], Replicas = 1, Weights = [100], MaxErrorRate = null };

    private static bool IsOurs(JsonObject pod) => pod.Label("app") != Neighbour;

    /// <summary>Routes, Services and ReplicaSets of the test's Rollout as they are, without what the API and other controllers write.</summary>
    private async Task<IReadOnlyList<string>> UntouchableAsync()
    {
        var objects = new List<string>();
        foreach (var collection in new[] { ClusterPath.HttpRoutes(Namespace), ClusterPath.Services(Namespace), ClusterPath.ReplicaSets(Namespace), ClusterPath.Deployments(Namespace) })
        {
            objects.AddRange((await Api.ListAsync(collection, Cancellation))
                .Where(item => !item.Name().StartsWith(Neighbour, StringComparison.Ordinal))
                .Select(item => $"{item.Text("kind")} {item.Name()} {item.At("metadata.labels")?.ToJsonString()} {item.At("metadata.annotations")?.ToJsonString()} {item.At("spec")!.ToJsonString()}"));
        }
        return objects;
    }
}
