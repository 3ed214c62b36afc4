using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Control;

/// <summary>Whom the requests of a check go to: the pods of its Rollout, and nobody else, whatever stands in the API.</summary>
internal sealed class CheckFactoryTests
{
    private static readonly Progressing Step = new("a", "b", null, 50, StepStage.Judging, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Test]
    public async Task A_ready_pod_of_the_version_is_asked_at_its_address()
    {
        await using var bed = await Bed.StartAsync();
        await bed.PodAsync("web-1", "10.244.1.7");
        Assert.That(await bed.LookAsync(), Is.InstanceOf<CheckLook.Passed>());
        Assert.That(bed.Asked, Is.EqualTo((string[])["http://10.244.1.7:8080/health"]));
    }

    [TestCase("127.0.0.1")]
    [TestCase("169.254.169.254")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("192.0.2.10", Description = "an endpoint of the API server")]
    [TestCase("metadata")]
    public async Task An_address_that_is_no_pods_is_not_asked(string address)
    {
        await using var bed = await Bed.StartAsync();
        await bed.PodAsync("web-1", address);
        Assert.That(await bed.LookAsync(), Is.InstanceOf<CheckLook.Unknown>().With.Property(nameof(CheckLook.Unknown.Class)).EqualTo(DataClass.NoData));
        Assert.That(bed.Asked, Is.Empty);
    }

    [Test]
    public async Task A_pod_on_the_network_of_its_node_is_not_asked()
    {
        await using var bed = await Bed.StartAsync();
        await bed.PodAsync("web-1", "10.0.0.4", "{hostNetwork: true}");
        await bed.PodAsync("web-2", "10.244.1.8");
        Assert.That(await bed.LookAsync(), Is.InstanceOf<CheckLook.Passed>());
        Assert.That(bed.Asked, Is.EqualTo((string[])["http://10.244.1.8:8080/health"]));
    }

    [TestCase("other", "b", "True", false, Description = "of another Rollout")]
    [TestCase("one", "a", "True", false, Description = "of another version")]
    [TestCase("one", "b", "False", false, Description = "not ready")]
    [TestCase("one", "b", "True", true, Description = "on its way out")]
    public async Task Other_pods_are_not_asked(string owner, string revision, string ready, bool ends)
    {
        await using var bed = await Bed.StartAsync();
        await bed.PodAsync("web-1", "10.244.1.7", set: $"{owner}-{revision}", ready: ready, ends: ends);
        Assert.That(await bed.LookAsync(), Is.InstanceOf<CheckLook.Unknown>());
        Assert.That(bed.Asked, Is.Empty);
    }

    /// <summary>The caches of a cluster with two Rollouts of two versions each, and what is asked of pods.</summary>
    private sealed class Bed : IAsyncDisposable
    {
        private readonly FakeKubernetesClient _api = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Recorder _recorder = new();
        private readonly HttpMessageInvoker _transport;
        private readonly Caches _caches;
        private readonly Task _watches;

        private Bed()
        {
            _transport = new HttpMessageInvoker(_recorder);
            _api.Put("endpointslices", Yaml.Parse("{metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}, endpoints: [{addresses: [192.0.2.10]}]}"));
            foreach (var owner in new[] { "one", "other" })
            {
                foreach (var revision in new[] { "a", "b" })
                    _api.Put("replicasets", Yaml.Parse($"{{metadata: {{name: {owner}-{revision}, namespace: shop, labels: {{pod-template-hash: {revision}}}, ownerReferences: [{{kind: Rollout, name: {owner}, uid: {owner}, controller: true}}]}}, spec: {{template: {{spec: {{containers: [{{name: app, ports: [{{containerPort: 8080}}]}}]}}}}}}}}"));
            }

            _caches = new Caches(_api, KubernetesKinds.EndpointSlice, [], TimeProvider.System, Random.Shared, NullLogger<Caches>.Instance);
            _watches = Task.WhenAll(_caches.All.Select(informer => Task.Run(() => informer.RunAsync(_stop.Token))));
        }

        public IReadOnlyCollection<string> Asked => _recorder.Asked;

        public static async Task<Bed> StartAsync()
        {
            var bed = new Bed();
            await Task.WhenAll(bed._caches.All.Select(informer => informer.WaitForSyncAsync(bed._stop.Token)));
            // This API tells a watch nothing of what was before it.
            await Eventually.Holds(() => bed._api.Watches.Count == bed._caches.All.Count, "all to be watched");
            return bed;
        }

        public async Task PodAsync(string name, string address, string spec = "{}", string set = "one-b", string ready = "True", bool ends = false)
        {
            var owner = (string)_api.Find("replicasets", new ObjectKey("shop", set))!["metadata"]!["uid"]!;
            _api.Put("pods", Yaml.Parse($$"""
                {metadata: {name: {{name}}, namespace: shop, {{(ends ? "deletionTimestamp: '2026-01-01T00:00:00Z'," : "")}} labels: {pod-template-hash: x}, ownerReferences: [{kind: ReplicaSet, name: {{set}}, uid: {{owner}}, controller: true}] },
                 spec: {{spec}}, status: {podIP: '{{address}}', conditions: [{type: Ready, status: '{{ready}}'}] } }
                """));
            await Eventually.Holds(() => _caches.Pods.Get(new ObjectKey("shop", name)) is not null, "the pod to be known");
        }

        public Task<CheckLook> LookAsync()
        {
            var rollout = new RolloutObject { Metadata = new ObjectMeta { Namespace = "shop", Name = "one", Uid = "one" } };
            var factory = new CheckFactory(_api, _caches, new Arms(_caches), Providers.None, _transport, TimeProvider.System);
            return factory.Make(rollout, Step, new CheckSpec { Name = "health", Http = new HttpCheckSpec { Path = "/health" } }, null).LookAsync(_stop.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _watches.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _transport.Dispose();
            _stop.Dispose();
        }
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Enqueue(request.RequestUri!.ToString());
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) });
        }
    }
}
