using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Fuzzing.Documents;

/// <summary>One object of a shape that nobody expects keeps no other from being seen, whether a list brings it, a watch, or both.</summary>
internal sealed class ApiAnswerTests
{
    private static readonly Dictionary<string, string> Objects = new()
    {
        ["rollouts"] = Rollout(),
        ["replicasets"] = """
            {"metadata":{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5","labels":{"app":"shop","pod-template-hash":"abc"},"annotations":{"rollouts.dev/revision":"1"},"creationTimestamp":"2026-01-01T00:00:00Z",
            "ownerReferences":[{"apiVersion":"rollouts.dev/v1alpha1","kind":"Rollout","name":"shop","uid":"r","controller":true}]},
            "spec":{"replicas":2,"selector":{"matchLabels":{"app":"shop"}},"template":{"metadata":{"labels":{"app":"shop","pod-template-hash":"abc"}},"spec":{"containers":[{"name":"shop","image":"shop:1","ports":[{"containerPort":80}]}]}}},"status":{"replicas":2}}
            """,
        ["pods"] = """
            {"metadata":{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5","labels":{"pod-template-hash":"abc"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"shop","uid":"r","controller":true}]},
            "spec":{"nodeName":"one"},"status":{"phase":"Running","podIP":"192.0.2.1","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}],"containerStatuses":[{"name":"shop","ready":true,"restartCount":1,"state":{"running":{}},"lastState":{"terminated":{"exitCode":1}}}]}}
            """,
        ["services"] = """{"metadata":{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5"},"spec":{"selector":{"app":"shop"},"ports":[{"name":"http","port":80,"targetPort":"http"}],"type":"ClusterIP"}}""",
        ["endpointslices"] = """{"metadata":{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5","labels":{"kubernetes.io/service-name":"shop"}},"endpoints":[{"addresses":["192.0.2.1"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"a"}}]}""",
        ["deployments"] = """{"metadata":{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5","generation":2},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"shop"}},"template":{"metadata":{"labels":{"app":"shop"}},"spec":{}}},"status":{"observedGeneration":2}}""",
        ["httproutes"] = """
            {"kind":"HTTPRoute","metadata":{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5","generation":2},"spec":{"parentRefs":[{"name":"gateway"}],"rules":[{"backendRefs":[{"name":"shop","port":80,"weight":1}]}]},
            "status":{"parents":[{"parentRef":{"name":"gateway"},"controllerName":"example.com/gateway","conditions":[{"type":"Accepted","status":"True","reason":"Accepted","observedGeneration":2}]}]}}
            """,
    };

    [Test]
    public void An_odd_object_keeps_no_other_from_being_seen([ValueSource(nameof(Kinds))] string plural) => Fuzz.Check(MutatedDocument.Of(Objects[plural]), 60, odd =>
    {
        // What is no JSON at all breaks the answer that it is in; an API server cannot write that.
        if (IsJson(odd.Bytes()))
            Play(plural, odd.Bytes(), odd.ToString());
    });

    // An API server takes no request above 3 MiB (apiserver, MaxRequestBodyBytes); the controller reads objects up to 8.
    [Test]
    public void An_object_as_large_as_any_keeps_no_other_from_being_seen([Values(3, 7)] int megabytes) =>
        Play("rollouts", Encoding.UTF8.GetBytes(Objects["rollouts"].Replace("\"odd\"", $"\"odd\",\"annotations\":{{\"note\":\"{new string('x', megabytes * 1024 * 1024)}\"}}", StringComparison.Ordinal)), $"{megabytes} MB");

    [Test]
    public void A_template_may_nest_as_deep_as_anybody_writes_it([Values(70, 400, 5000)] int depth)
    {
        var nested = $"{string.Concat(Enumerable.Repeat("{\"a\":", depth))}1{new string('}', depth)}";
        var caches = Play("rollouts", Encoding.UTF8.GetBytes(Objects["rollouts"].Replace("\"containers\":", $"\"deep\":{nested},\"containers\":", StringComparison.Ordinal)), $"{depth} levels");
        Assert.That(caches.Rollouts.Get(new ObjectKey("default", "odd")), depth < ApiDepth.OfObject ? Is.Not.Null : Is.Null, "what can be handled is seen itself");
    }

    [Test]
    public void Managed_fields_that_nest_as_deep_hide_neither_name_nor_version()
    {
        var nested = $"{string.Concat(Enumerable.Repeat("{\"f:a\":", 300))}{{}}{new string('}', 300)}";
        var line = $$$$"""{"type":"MODIFIED","object":{"metadata":{"managedFields":[{"fieldsV1":{{{{nested}}}}}],"name":"shop","namespace":"default","resourceVersion":"7"}}}""";
        var frame = WatchFrame.Peek(new System.Buffers.ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(line)));
        Assert.That((frame.Key, frame.ResourceVersion), Is.EqualTo((new ObjectKey("default", "shop"), "7")));
    }

    public static IEnumerable<string> Kinds => Objects.Keys;

    /// <summary>An API that lists the odd object between two others, and later tells of changes of all three.</summary>
    private static Caches Play(string plural, byte[] odd, string what)
    {
        var clock = new VirtualTime(DateTimeOffset.UnixEpoch);
        using var api = new OddApi(plural, Sound(plural, "sound-a", 3), odd, Sound(plural, "sound-b", 4));
        using var client = new KubernetesClient(
            new KubernetesConfiguration { Server = new Uri("https://odd"), Handler = api, Compression = false }, new KubernetesClientOptions { Random = new Random(1) }, clock, NullLogger<KubernetesClient>.Instance);
        var caches = new Caches(client, KubernetesKinds.EndpointSlice, [], clock, new Random(1), NullLogger<Caches>.Instance);
        caches.OnChange(_ => { });
        clock.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var watching = Task.WhenAll(caches.All.Select(informer => informer.RunAsync(stop.Token)));
            await Task.Delay(TimeSpan.FromSeconds(5), clock, stop.Token);
            LawBrokenException.Unless(Has("sound-a", "3") && Has("sound-b", "4"), "a list brings what is sound", what);

            api.Tell(Sound(plural, "sound-a", 10), odd, Sound(plural, "sound-b", 12));
            await Task.Delay(TimeSpan.FromMinutes(5), clock, stop.Token);
            LawBrokenException.Unless(Has("sound-a", "10") && Has("sound-b", "12"), "a watch brings what is sound", what);
            stop.Cancel();
            await watching;
        });
        return caches;

        bool Has(string name, string version) => VersionOf(caches, plural, new ObjectKey("default", name)) == version;
    }

    private static string? VersionOf(Caches caches, string plural, ObjectKey key) => (plural switch
    {
        "rollouts" => (IKubernetesObject?)caches.Rollouts.Get(key),
        "replicasets" => caches.ReplicaSets.Get(key),
        "pods" => caches.Pods.Get(key),
        "services" => caches.Services.Get(key),
        "endpointslices" => caches.EndpointSlices.Get(key),
        "deployments" => caches.Deployments.Get(key),
        _ => caches.Routes("HTTPRoute").Get(key),
    })?.Metadata.ResourceVersion;

    private static string Sound(string plural, string name, int version) => Objects[plural].ReplaceLineEndings("")
        .Replace("\"odd\"", $"\"{name}\"", StringComparison.Ordinal).Replace("\"uid\":\"u\"", $"\"uid\":\"{name}\"", StringComparison.Ordinal).Replace("\"resourceVersion\":\"5\"", $"\"resourceVersion\":\"{version}\"", StringComparison.Ordinal);

    private static string Rollout()
    {
        var rollout = Samples.Named("routed").AsObject();
        rollout["metadata"] = System.Text.Json.Nodes.JsonNode.Parse("""{"name":"odd","namespace":"default","uid":"u","resourceVersion":"5","generation":1}""");
        return rollout.ToJsonString();
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = int.MaxValue });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Serves one kind with three objects, and of all others none.</summary>
    private sealed class OddApi(string plural, string before, byte[] odd, string after) : HttpMessageHandler
    {
        private readonly List<byte[]> _changes = [];
        private readonly List<WatchStream> _watches = [];

        public void Tell(string first, byte[] second, string third)
        {
            // A line of a watch is one line, as an API server writes it.
            var line = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(second).ReplaceLineEndings(" "));
            foreach (var change in (byte[][])[Encoding.UTF8.GetBytes(first), line, Encoding.UTF8.GetBytes(third)])
                _changes.Add([.. "{\"type\":\"MODIFIED\",\"object\":"u8, .. change, .. "}\n"u8]);
            foreach (var watch in _watches)
                _changes.ForEach(change => watch.Write(change));
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var address = request.RequestUri!;
            var isOurs = address.AbsolutePath.Split('/').Contains(plural);
            HttpContent content = address.Query.Contains("watch=", StringComparison.Ordinal) ? Watch(isOurs)
                : address.AbsolutePath.EndsWith(plural, StringComparison.Ordinal) ? new ByteArrayContent(List())
                : isOurs ? new ByteArrayContent(odd)
                : new StringContent("""{"metadata":{"resourceVersion":"6"},"items":[]}""");
            content.Headers.ContentType = new("application/json");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = content });
        }

        /// <summary>The newest of the sound ones, as an API would list them.</summary>
        private byte[] List()
        {
            var (a, b) = _changes.Count == 0 ? (before, after) : (Sound(plural, "sound-a", 10), Sound(plural, "sound-b", 12));
            return [.. Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"resourceVersion\":\"{(_changes.Count == 0 ? 6 : 12)}\"}},\"items\":[{a},"), .. odd, .. Encoding.UTF8.GetBytes($",{b}]}}")];
        }

        private StreamContent Watch(bool isOurs)
        {
            var lines = new WatchStream();
            if (isOurs)
            {
                _changes.ForEach(change => lines.Write(change));
                _watches.Add(lines);
            }

            return new StreamContent(lines);
        }
    }
}
