using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Stages;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>Rehearsals have the rights of the installed controller.</summary>
internal sealed class InstalledAccessTests
{
    [Test]
    public void What_no_installed_role_allows_is_refused() => Bed.Run(async bed =>
    {
        bed.Create("secrets", "{apiVersion: v1, kind: Secret, metadata: {name: shop-db}, stringData: {password: one}}");
        using var client = RehearsedController.Client(bed.Cluster, new Random(1), NullLoggerFactory.Instance);

        // One Secret by its name is what an operator may give; all of them nobody gives.
        Assert.That(await client.GetAsync(KubernetesKinds.Secret, new ObjectKey("default", "shop-db"), bed.Cancellation), Is.Not.Null);
        var refused = Assert.ThrowsAsync<KubernetesApiException>(() => client.ListAsync(KubernetesKinds.Secret, "default", new ListOptions(), bed.Cancellation))!;
        Assert.That(refused.IsForbidden, refused.Message);
        Assert.That(refused.Message, Does.Contain("User \"system:serviceaccount:rollout-system:rollout-controller\" cannot list resource \"secrets\""));
        refused = Assert.ThrowsAsync<KubernetesApiException>(() => client.DeleteAsync(KubernetesKinds.Pod, new ObjectKey("default", "any"), null, bed.Cancellation))!;
        Assert.That(refused.IsForbidden, refused.Message);
    });

    [Test]
    public void Who_makes_a_Rollout_wait_for_its_dependents_needs_its_finalizers() => Bed.Run(async bed =>
    {
        const string Owned = "{metadata: {name: made, ownerReferences: [{apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: shop, uid: one, blockOwnerDeletion: true}]}, spec: {selector: {app: shop}, ports: [{port: 80}]}}";
        var asked = new List<string>();
        AccessCheck.Granted += Note;
        try
        {
            using var client = RehearsedController.Client(bed.Cluster, new Random(1), NullLoggerFactory.Instance);
            var body = Yaml.Parse(Owned);
            (body["apiVersion"], body["kind"]) = ("v1", "Service");
            await client.CreateAsync(KubernetesKinds.Service, "default", body, bed.Cancellation);
            await client.PatchAsync(KubernetesKinds.Service, new ObjectKey("default", "made"), Patch.Merge(Yaml.Parse(Owned)), bed.Cancellation);
        }
        finally
        {
            AccessCheck.Granted -= Note;
        }

        // Once: it is blocked already when the same is written again.
        Assert.That(asked.Count(line => line == "update rollouts/finalizers shop"), Is.EqualTo(1), string.Join('\n', asked));

        void Note(AccessRule rule, ApiTarget target) => asked.Add($"{target.Verb} {target.ResourceOrPart} {target.Name}");
    });

    [TestCase("create")]
    [TestCase("merge")]
    [TestCase("json patch")]
    public void Who_has_no_right_to_a_Rollouts_finalizers_makes_it_wait_for_nothing(string how) => Bed.Run(async bed =>
    {
        const string Owner = "{apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: shop, uid: one, blockOwnerDeletion: true}";
        bed.Create("services", "{apiVersion: v1, kind: Service, metadata: {name: there}, spec: {selector: {app: shop}, ports: [{port: 80}]}}");
        using var handler = new ApiHandler(new ApiServer(bed.Cluster, new WithoutFinalizers()));
        using var client = new KubernetesClient(
            new KubernetesConfiguration { Server = new Uri("https://rehearsal"), Handler = handler, Compression = false }, new KubernetesClientOptions { Random = new Random(1) }, bed.Clock);

        var refused = Assert.ThrowsAsync<KubernetesApiException>(() => WriteAsync(Owner, "made"))!;
        Assert.That(refused.IsForbidden, refused.Message);
        Assert.That(refused.Message, Does.Contain("cannot update resource \"rollouts/finalizers\" in API group \"rollouts.dev\""));
        Assert.That(bed.Cluster.Find("services", "default", "made"), Is.Null);
        Assert.That(bed.Cluster.Find("services", "default", "there")!.Json["metadata"]!["ownerReferences"], Is.Null);

        await WriteAsync(Owner.Replace("true", "false", StringComparison.Ordinal), "free");
        Assert.That(bed.Cluster.Find("services", "default", how == "create" ? "free" : "there")!.Json["metadata"]!["ownerReferences"]!.AsArray(), Has.Count.EqualTo(1), "an owner that need not wait");

        Task WriteAsync(string owner, string name)
        {
            var there = new ObjectKey("default", "there");
            return how switch
            {
                "create" => client.CreateAsync(KubernetesKinds.Service, "default", Yaml.Parse($"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, ownerReferences: [{owner}]}}, spec: {{selector: {{app: shop}}, ports: [{{port: 80}}]}}}}"), bed.Cancellation),
                "merge" => client.PatchAsync(KubernetesKinds.Service, there, Patch.Merge(Yaml.Parse($"{{metadata: {{ownerReferences: [{owner}]}}}}")), bed.Cancellation),
                _ => client.PatchAsync(KubernetesKinds.Service, there, Patch.Json(Yaml.Parse($"{{operations: [{{op: add, path: /metadata/ownerReferences, value: [{owner}]}}]}}")["operations"]!.DeepClone().AsArray()), bed.Cancellation),
            };
        }
    });

    [Test]
    public void Whatever_is_watched_may_be_read_alone_where_its_event_cannot_be_read() => Bed.Run(async bed =>
    {
        using var garbling = new Garbling(new ApiHandler(new ApiServer(bed.Cluster, new InstalledAccess())));
        using var client = new KubernetesClient(
            new KubernetesConfiguration { Server = new Uri("https://rehearsal"), Handler = garbling, Compression = false }, new KubernetesClientOptions { Random = new Random(1) }, bed.Clock);
        var caches = new Caches(client, KubernetesKinds.EndpointSlice, [], bed.Clock, new Random(1), NullLogger<Caches>.Instance);
        foreach (var informer in caches.All)
            bed.Start(informer.RunAsync);
        await bed.UntilAsync(() => caches.All.All(informer => informer.HasSynced), "the caches to be filled");

        bed.Create("rollouts", $"{{apiVersion: rollouts.dev/v1alpha1, kind: Rollout, metadata: {{name: shop}}, spec: {{replicas: 1, selector: {{matchLabels: {{app: shop}}}}, template: {Manifests.Inline(Manifests.Template("v1"))}}}}}");
        bed.Create("deployments", Manifests.Deployment(1, Manifests.Template("v1")));
        bed.Create("services", Manifests.Service());
        bed.Create("httproutes", Manifests.HttpRoute());
        bed.Create("grpcroutes", "{apiVersion: gateway.networking.k8s.io/v1, kind: GRPCRoute, metadata: {name: shop}, spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}}");

        // The Deployment brings a ReplicaSet and a pod, the Service its endpoints.
        await bed.UntilAsync(() => caches.All.All(informer => informer.Count == 1), $"every kind to be read: {string.Join(", ", caches.All.Select(informer => $"{informer.Count} {informer.Plural}"))}");
        Assert.That(garbling.Garbled, Is.GreaterThanOrEqualTo(caches.All.Count));
    });

    /// <summary>All that the installed controller may do, but for the finalizers of Rollouts.</summary>
    private sealed class WithoutFinalizers : IAccess
    {
        private readonly InstalledAccess _installed = new();

        public ServiceAccount? Identify(string? token) => _installed.Identify(token);

        public IEnumerable<AccessRule> RulesOf(ServiceAccount account, string @namespace) =>
            _installed.RulesOf(account, @namespace).Where(rule => !rule.Resources.Contains("rollouts/finalizers"));
    }

    /// <summary>Spoils the labels in every event of a watch.</summary>
    private sealed class Garbling(HttpMessageHandler api) : DelegatingHandler(api)
    {
        public int Garbled { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            if (answer.StatusCode == HttpStatusCode.OK && request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
                answer.Content = new StreamContent(new Lines(await answer.Content.ReadAsStreamAsync(cancellationToken), Garble));
            return answer;
        }

        private string Garble(string line)
        {
            const string Metadata = "\"metadata\":{";
            var at = line.IndexOf(Metadata, StringComparison.Ordinal);
            if (at < 0 || line.StartsWith("{\"type\":\"BOOKMARK\"", StringComparison.Ordinal))
                return line;
            Garbled++;
            return line.Insert(at + Metadata.Length, "\"labels\":0,");
        }
    }

    /// <summary>A stream of lines, each changed on its way. What is read at once are whole lines, as the embedded server writes them.</summary>
    private sealed class Lines(Stream inner, Func<string, string> change) : Stream
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private ReadOnlyMemory<byte> _left;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left.IsEmpty)
            {
                // As the stream itself does: what reads it goes on in place, outside of the context of virtual time.
                var read = await inner.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
                _left = Encoding.UTF8.GetBytes(string.Join('\n', Encoding.UTF8.GetString(_buffer, 0, read).Split('\n').Select(change)));
            }

            var length = Math.Min(buffer.Length, _left.Length);
            _left[..length].CopyTo(buffer);
            _left = _left[length..];
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
