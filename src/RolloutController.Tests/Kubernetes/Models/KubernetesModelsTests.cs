using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Models;

[TestFixture]
public sealed class KubernetesModelsTests
{
    private static IEnumerable<Type> Roots() => typeof(KubernetesJsonContext).GetCustomAttributesData()
        .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
        .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!);

    private static IEnumerable<object> Kinds() => typeof(KubernetesKinds).GetProperties(BindingFlags.Public | BindingFlags.Static)
        .Select(property => property.GetValue(null)!);

    // Metadata that the source generator dropped without a word would show only at run time.
    [TestCaseSource(nameof(Roots))]
    public void Every_root_can_be_read(Type root)
    {
        var info = KubernetesJsonContext.Default.GetTypeInfo(root)!;
        Assert.That(JsonSerializer.Deserialize("{}", info), Is.Not.Null);
        // A root with a converter of its own has no properties that could be missing.
        Assert.That(info.Properties.Where(property => property.Set is not null), info.Kind == JsonTypeInfoKind.None ? Is.Empty : Is.Not.Empty);
    }

    [TestCaseSource(nameof(Roots))]
    public void Nulls_and_absences_leave_the_defaults(Type root)
    {
        var info = KubernetesJsonContext.Default.GetTypeInfo(root)!;
        var nulls = info.Properties
            .Where(property => !property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null)
            .Select(property => $"\"{property.Name}\":null");
        foreach (var json in new[] { "{}", $"{{{string.Join(',', nulls)}}}" })
        {
            var value = JsonSerializer.Deserialize(json, info)!;
            AssertNoUnexpectedNull(value);
        }
    }

    private static void AssertNoUnexpectedNull(object value)
    {
        var context = new NullabilityInfoContext();
        foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0))
        {
            if (context.Create(property).ReadState is NullabilityState.NotNull)
                Assert.That(property.GetValue(value), Is.Not.Null, $"{value.GetType().Name}.{property.Name}");
            if (property.GetValue(value) is { } inner and not Array && inner.GetType().Namespace == typeof(Pod).Namespace && !property.PropertyType.IsValueType)
                AssertNoUnexpectedNull(inner);
        }
    }

    [Test]
    public void A_pod_is_read_with_what_its_health_needs()
    {
        var pod = JsonSerializer.Deserialize("""
            {"metadata":{"name":"web-1","namespace":"shop","uid":"u","resourceVersion":"7","generation":2,"creationTimestamp":"2026-01-02T03:04:05Z",
              "deletionTimestamp":"2026-01-02T03:05:05Z","labels":{"app":"web"},"finalizers":["f"],"managedFields":[{"manager":"x","fieldsV1":{"f:a":{}}}],
              "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"r","controller":true}]},
             "spec":{"nodeName":"local","containers":[]},
             "status":{"phase":"Running","podIP":"10.0.0.1","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","lastTransitionTime":null}],
              "containerStatuses":[{"name":"app","ready":false,"restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},
                "lastState":{"terminated":{"reason":"OOMKilled","exitCode":137}}}]}}
            """, KubernetesKinds.Pod.TypeInfo)!;
        Assert.Multiple(() =>
        {
            Assert.That(pod.Metadata.Key, Is.EqualTo(new ObjectKey("shop", "web-1")));
            Assert.That(pod.Metadata.Controller!.Uid, Is.EqualTo("r"));
            Assert.That(pod.Metadata.CreationTimestamp, Is.EqualTo(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
            Assert.That(pod.Metadata.DeletionTimestamp, Is.Not.Null);
            Assert.That(pod.Metadata.Generation, Is.EqualTo(2));
            Assert.That(pod.Spec.NodeName, Is.EqualTo("local"));
            Assert.That(pod.Status.PodIP, Is.EqualTo("10.0.0.1"));
            Assert.That(pod.Status.Conditions.Single(), Is.EqualTo(new PodCondition { Type = "Ready", Status = "False", Reason = "ContainersNotReady" }));
            Assert.That(pod.Status.ContainerStatuses.Single(), Is.EqualTo(new ContainerStatus
            {
                Name = "app",
                RestartCount = 3,
                State = new() { Waiting = new() { Reason = "CrashLoopBackOff", Message = "back-off" } },
                LastState = new() { Terminated = new() { Reason = "OOMKilled", ExitCode = 137 } },
            }));
        });
    }

    [Test]
    public void A_template_and_that_of_its_replica_set_have_one_hash()
    {
        const string Raw = """{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"a","image":"web:2"},{"name":"b","image":"log:1"}]}}""";
        var replicaSet = JsonSerializer.Deserialize("""
            {"metadata":{"name":"web-x"},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":
              {"spec":{"containers":[{"image":"web:2","name":"a"},{"name":"b","image":"log:1"}]},
               "metadata":{"creationTimestamp":null,"labels":{"pod-template-hash":"x","app":"web"}}}},
             "status":{"replicas":3,"readyReplicas":2,"availableReplicas":1,"observedGeneration":4}}
            """, KubernetesKinds.ReplicaSet.TypeInfo)!;
        using var raw = JsonDocument.Parse(Raw);
        var digest = PodTemplateDigest.Of(raw.RootElement);

        Assert.That(replicaSet.Spec.Template.Hash, Is.EqualTo(digest.Hash).And.Length.EqualTo(64));
        Assert.That(replicaSet.Spec.Template.Labels, Contains.Key("pod-template-hash"));
        Assert.That(replicaSet.Spec.Template.Images, Is.EqualTo(new[] { "web:2", "log:1" }));
        Assert.That(replicaSet.Status, Is.EqualTo(new ReplicaSetStatus { Replicas = 3, ReadyReplicas = 2, AvailableReplicas = 1, ObservedGeneration = 4 }));

        using var other = JsonDocument.Parse(Raw.Replace("web:2", "web:3", StringComparison.Ordinal));
        Assert.That(PodTemplateDigest.Of(other.RootElement).Hash, Is.Not.EqualTo(digest.Hash));
        using var dated = JsonDocument.Parse(Raw.Replace("{\"labels\"", "{\"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\"", StringComparison.Ordinal));
        Assert.That(PodTemplateDigest.Of(dated.RootElement).Hash, Is.Not.EqualTo(digest.Hash));
    }

    [TestCase("null")]
    [TestCase("7")]
    [TestCase("""{"metadata":null,"spec":null}""")]
    [TestCase("""{"metadata":{"labels":{"a":1}},"spec":{"containers":[null,{}]}}""")]
    public void A_template_of_any_shape_has_a_digest(string template)
    {
        using var document = JsonDocument.Parse(template);
        var digest = PodTemplateDigest.Of(document.RootElement);
        Assert.That((digest.Labels.Count, digest.Images.Count), Is.EqualTo((0, 0)));
    }

    [TestCase("v1")]
    [TestCase("v1beta1")]
    public void Endpoint_slices_of_both_versions_are_read_alike(string version)
    {
        var kind = Kinds().OfType<ResourceKind<EndpointSlice>>().Single(kind => kind.Version == version);
        var slice = JsonSerializer.Deserialize("""
            {"metadata":{"labels":{"kubernetes.io/service-name":"web"}},"endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true},"targetRef":{"kind":"Pod","name":"web-1"}}]}
            """, kind.TypeInfo)!;
        Assert.That(slice.Endpoints.Single().Conditions, Is.EqualTo(new EndpointConditions { Ready = true }));
        Assert.That(slice.Endpoints.Single().TargetRef!.Name, Is.EqualTo("web-1"));
    }

    [Test]
    public void A_service_is_read_with_ports_of_either_form()
    {
        var service = JsonSerializer.Deserialize("""
            {"spec":{"selector":{"app":"web"},"type":"ClusterIP","clusterIP":"None","ports":[{"port":80,"targetPort":"http"},{"name":"g","port":90,"targetPort":9000,"protocol":"TCP","appProtocol":"h2c"}]}}
            """, KubernetesKinds.Service.TypeInfo)!;
        Assert.That(service.Spec.ClusterIP, Is.EqualTo("None"));
        Assert.That(service.Spec.Ports[0].TargetPort!.Value.GetString(), Is.EqualTo("http"));
        Assert.That(service.Spec.Ports[1].TargetPort!.Value.GetInt32(), Is.EqualTo(9000));
        Assert.That(service.Spec.Ports[0].Name, Is.Empty);
    }

    [TestCase("2026-01-02T03:04:05.1234567+02:00", "2026-01-02T01:04:05Z", "2026-01-02T01:04:05.123456Z")]
    [TestCase("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z")]
    [TestCase("2026-01-02T03:04:05.05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.050000Z")]
    public void Times_are_written_as_the_api_parses_them(string time, string seconds, string micro)
    {
        var value = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(KubernetesTime.Format(value), Is.EqualTo(seconds));
        Assert.That(KubernetesTime.FormatMicro(value), Is.EqualTo(micro));
        var lease = JsonSerializer.Deserialize($$$"""{"spec":{"renewTime":"{{{micro}}}"}}""", KubernetesKinds.Lease.TypeInfo)!;
        Assert.That(KubernetesTime.FormatMicro(lease.Spec.RenewTime!.Value), Is.EqualTo(micro));
    }
}
