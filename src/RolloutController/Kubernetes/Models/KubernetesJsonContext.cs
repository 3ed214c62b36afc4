using System.Text.Json.Serialization;

namespace RolloutController.Kubernetes;

/// <summary>How the JSON of the Kubernetes API is read; generated at build time, so that trimming holds.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata, MaxDepth = ApiDepth.OfObject)]
[JsonSerializable(typeof(ReplicaSet))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(Pod))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(ConfigDigest))]
[JsonSerializable(typeof(ConfigContent))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(Lease))]
[JsonSerializable(typeof(EventRecord))]
[JsonSerializable(typeof(RawObject))]
[JsonSerializable(typeof(ObjectMeta))]
[JsonSerializable(typeof(TokenReview))]
[JsonSerializable(typeof(SubjectAccessReview))]
[JsonSerializable(typeof(KubernetesStatus))]
[JsonSerializable(typeof(ListMetadata))]
[JsonSerializable(typeof(ApiResourceList))]
[JsonSerializable(typeof(ExecCredentialResponse))]
internal sealed partial class KubernetesJsonContext : JsonSerializerContext;
