using System.Text.Json.Serialization;
using RolloutController.Api;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>A Rollout as the API serves it.</summary>
public sealed record RolloutObject : IKubernetesObject
{
    /// <summary>The name of our finalizer.</summary>
    public const string Finalizer = "rollouts.dev/traffic";

    /// <summary>The kind.</summary>
    public static ResourceKind<RolloutObject> Kind { get; } =
        new("rollouts.dev", "v1alpha1", "Rollout", "rollouts", RolloutJson.Default.RolloutObject);

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is asked for.</summary>
    public RolloutSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What was last reported.</summary>
    public RolloutStatus Status { get; init => field = value ?? new(); } = new();

    /// <summary>Namespace and name.</summary>
    [JsonIgnore]
    public ObjectKey Key => Metadata.Key;
}

/// <summary>Reads Rollouts.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    AllowOutOfOrderMetadataProperties = true,
    MaxDepth = ApiDepth.OfObject,
    Converters = [typeof(GatewayDurationConverter), typeof(MomentConverter)])]
[JsonSerializable(typeof(RolloutObject))]
internal sealed partial class RolloutJson : JsonSerializerContext;

/// <summary>The labels and annotations that the controller reads and writes.</summary>
internal static class Names
{
    /// <summary>Tells the pods of one revision from those of the next; a Deployment uses the same label.</summary>
    public const string RevisionLabel = "pod-template-hash";

    /// <summary>On the pods of a check's Job: the check.</summary>
    public const string Check = "rollouts.dev/check";

    /// <summary>On the pods of a check's Job: the revision that is tried.</summary>
    public const string TriedRevision = "rollouts.dev/tried-revision";

    /// <summary>The place of a ReplicaSet in the history of its Rollout.</summary>
    public const string RevisionNumber = "rollouts.dev/revision";

    /// <summary>The digest of the raw template that a ReplicaSet was made from.</summary>
    public const string TemplateDigest = "rollouts.dev/template-digest";

    /// <summary>On a ReplicaSet: digests of the ConfigMaps and Secrets that its pods read.</summary>
    public const string Config = "rollouts.dev/config";

    /// <summary>On a ReplicaSet: copies of ConfigMaps and Secrets are being made for it, and until they are it gets no pods.</summary>
    public const string ConfigUnfinished = "rollouts.dev/config-unfinished";

    /// <summary>On a revision's copy of a ConfigMap or Secret: the name of the original.</summary>
    public const string CopyOf = "rollouts.dev/copy-of";

    /// <summary>
    /// On what takes part in a rollout that another process took over midway: the Rollout, the number of the term, and who took it over. It
    /// goes with the last traces of the rollout.
    /// </summary>
    public const string Term = "rollouts.dev/term";

    /// <summary>On a Deployment: the Rollout that took its pods over.</summary>
    public const string TakenOverBy = "rollouts.dev/taken-over-by";
}
