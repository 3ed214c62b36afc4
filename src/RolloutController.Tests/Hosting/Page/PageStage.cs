using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Hosting.Page;

/// <summary>A cluster that does what a test says, watched by real informers that feed the page.</summary>
internal sealed class PageStage : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watches;
    private volatile string _seen = "";

    private PageStage(RolloutFeed feed, FakeKubernetesClient api)
    {
        Api = api;
        Caches = new Caches(api, KubernetesKinds.EndpointSlice, [], TimeProvider.System, Random.Shared, NullLogger<Caches>.Instance);
        feed.Follow(Caches);
        // Handlers are told one after another, so what this one has seen, the feed has too.
        Caches.Rollouts.Changed += change => _seen = change.Object.Metadata.ResourceVersion;
        _watches = Task.WhenAll(Caches.All.Select(informer => Task.Run(() => informer.RunAsync(_stop.Token))));
    }

    public FakeKubernetesClient Api { get; }

    public Caches Caches { get; }

    /// <summary>Starts it; every kind is watched when it returns.</summary>
    public static async Task<PageStage> StartAsync(RolloutFeed feed, FakeKubernetesClient? api = null)
    {
        var stage = new PageStage(feed, api ?? new FakeKubernetesClient());
        await Eventually.Holds(() => stage.Api.Watches.Select(watch => watch.Plural).Distinct().Count() == stage.Caches.All.Count, "every kind is watched");
        return stage;
    }

    /// <summary>Writes a Rollout, and waits until the feed knows.</summary>
    public Task RolloutAsync(RolloutObject rollout)
    {
        var version = Put(rollout);
        return Eventually.Holds(() => _seen == version, "the feed knows");
    }

    /// <summary>Writes a Rollout.</summary>
    public void Rollout(RolloutObject rollout) => Put(rollout);

    public void RemoveRollout(ObjectKey key) => Api.Remove("rollouts", key);

    /// <summary>Writes a ReplicaSet of a Rollout, and its pods: the ready ones first, the others as they are said to be.</summary>
    public void Revision(ObjectKey rollout, string revision, int number, string image, int ready, int replicas, string trouble = "")
    {
        var owner = Api.Find("rollouts", rollout)!["metadata"]!;
        var name = $"{rollout.Name}-{revision}";
        var set = Api.Put("replicasets", new JsonObject
        {
            ["metadata"] = Metadata(rollout.Namespace, name, revision, "rollouts.dev/v1alpha1", "Rollout", rollout.Name, (string)owner["uid"]!, number),
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(Container(image)) } },
            },
            ["status"] = new JsonObject { ["replicas"] = replicas, ["readyReplicas"] = ready, ["availableReplicas"] = ready },
        });
        for (var index = 0; index < replicas; index++)
            Api.Put("pods", Pod(rollout.Namespace, name, revision, (string)set["metadata"]!["uid"]!, index, index < ready ? "" : trouble));
        for (var index = replicas; Api.Find("pods", new ObjectKey(rollout.Namespace, PodName(name, index))) is not null; index++)
            Api.Remove("pods", new ObjectKey(rollout.Namespace, PodName(name, index)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watches;
        _stop.Dispose();
    }

    private string Put(RolloutObject rollout) => (string)Api.Put("rollouts", new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["namespace"] = rollout.Metadata.Namespace,
            ["name"] = rollout.Metadata.Name,
            ["generation"] = rollout.Metadata.Generation,
            ["creationTimestamp"] = Time(rollout.Metadata.CreationTimestamp),
        },
        ["spec"] = JsonSerializer.SerializeToNode(rollout.Spec, ApiJson.Default.RolloutSpec),
        ["status"] = ApiJson.Write(rollout.Status),
    })["metadata"]!["resourceVersion"]!;

    private static JsonObject Pod(string @namespace, string set, string revision, string uid, int index, string trouble) => new()
    {
        ["metadata"] = Metadata(@namespace, PodName(set, index), revision, "apps/v1", "ReplicaSet", set, uid),
        ["status"] = new JsonObject
        {
            ["phase"] = trouble == "Pending" ? "Pending" : "Running",
            ["podIP"] = $"10.1.0.{index}",
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = trouble.Length == 0 ? "True" : "False" }),
            ["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "app",
                ["ready"] = trouble.Length == 0,
                ["restartCount"] = trouble == "CrashLoopBackOff" ? 4 : 0,
                ["state"] = trouble is "" or "Pending" ? new JsonObject() : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = trouble, ["message"] = "back-off" } },
                ["lastState"] = trouble == "CrashLoopBackOff" ? new JsonObject { ["terminated"] = new JsonObject { ["reason"] = "Error", ["exitCode"] = 1 } } : new JsonObject(),
            }),
        },
    };

    private static JsonObject Metadata(string @namespace, string name, string revision, string apiVersion, string kind, string owner, string uid, int number = 0) => new()
    {
        ["namespace"] = @namespace,
        ["name"] = name,
        ["creationTimestamp"] = Time(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(3)),
        ["labels"] = new JsonObject { ["pod-template-hash"] = revision },
        ["annotations"] = new JsonObject { ["rollouts.dev/revision"] = number.ToString(CultureInfo.InvariantCulture) },
        ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["name"] = owner, ["uid"] = uid, ["controller"] = true }),
    };

    private static JsonObject Container(string image) => new()
    {
        ["image"] = image,
        ["env"] = new JsonArray(new JsonObject { ["name"] = "PASSWORD", ["value"] = "hunter2" }),
    };

    private static string PodName(string set, int index) => $"{set}-{"bcdfghjklmnp"[index % 12]}{index:D4}";

    private static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
