using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Control.Config;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>The pod template that a Rollout asks for, with the selector of its pods.</summary>
/// <param name="Template">The template, raw.</param>
/// <param name="Selector">The label selector, raw.</param>
/// <param name="Field">Where the template stands, for messages.</param>
/// <param name="MinReadySeconds">Seconds that a pod has to be ready for.</param>
internal sealed record AskedTemplate(JsonElement Template, JsonElement Selector, string Field, int MinReadySeconds)
{
    /// <summary>The digest of the raw template.</summary>
    public string Digest { get; } = PodTemplateDigest.Of(Template).Hash;

    /// <summary>The content of the ConfigMaps and Secrets that the template names; null where it makes no new version.</summary>
    public ConfigState? Config { get; init; }

    /// <summary>The revision that a ReplicaSet of this template gets.</summary>
    public string NewRevision => (Config is null ? Digest : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Digest}\n{Config.Text}"))))[..10];
}

/// <summary>
/// Finds the revision of a template. A template that was seen before is known by its digest; for a new one the API is asked by a dry
/// run, because only the API knows its defaults: the same template, written with or without them, is the same revision, and an API
/// that learns a new default in an upgrade starts no rollout.
/// </summary>
internal sealed class TemplateResolver(IKubernetesClient client)
{
    /// <summary>Answers of the API by Rollout, so that a template is asked about once.</summary>
    private readonly ConcurrentDictionary<ObjectKey, Answer> _answers = new();

    /// <summary>Finds the revision.</summary>
    /// <exception cref="KubernetesApiException">The API could not be asked; try again.</exception>
    public async Task<TemplateView> ResolveAsync(RolloutObject rollout, AskedTemplate asked, IReadOnlyList<ReplicaSet> candidates, CancellationToken cancellationToken)
    {
        candidates = [.. candidates.Where(set => HasConfig(set, asked)).OrderByDescending(Runs)];
        var known = candidates.FirstOrDefault(set => set.Metadata.Annotations.GetValueOrDefault(Names.TemplateDigest) == asked.Digest)
            ?? candidates.FirstOrDefault(set => set.Spec.Template.Hash == asked.Digest);
        if (known is not null)
            return new TemplateView.Accepted(ReplicaSets.Revision(known));

        var answer = await AskAsync(rollout, asked, cancellationToken);
        if (answer.Problem is { } problem)
            return new TemplateView.Refused(problem);
        return candidates.FirstOrDefault(set => set.Spec.Template.Hash == answer.Digest) is { } equal
            ? new TemplateView.Accepted(ReplicaSets.Revision(equal))
            : new TemplateView.Accepted(asked.NewRevision);
    }

    /// <summary>
    /// Whether a ReplicaSet has the content that is asked for. Asking for <c>config</c>, or no longer, is not a change by itself: what runs counts
    /// as what is asked for. What does not run is not brought back with content that nobody knows, or nobody asks for.
    /// </summary>
    private static bool HasConfig(ReplicaSet set, AskedTemplate asked) => (ConfigNotes.Read(set), asked.Config) switch
    {
        (null, null) => true,
        ({ } has, { } wanted) => has.Equals(wanted),
        _ => Runs(set),
    };

    private static bool Runs(ReplicaSet set) => set.Spec.Replicas > 0 || set.Status.Replicas > 0;

    /// <summary>Forgets a Rollout.</summary>
    public void Forget(ObjectKey key) => _answers.TryRemove(key, out _);

    private async Task<Answer> AskAsync(RolloutObject rollout, AskedTemplate asked, CancellationToken cancellationToken)
    {
        var about = (rollout.Metadata.Uid, asked.Digest);
        if (_answers.TryGetValue(rollout.Key, out var known) && known.For == about && known.Generation == rollout.Metadata.Generation)
            return known;
        Answer answer;
        try
        {
            var body = ReplicaSets.Body(rollout, asked, asked.NewRevision, replicas: 0, number: 0, workload: null);
            var metadata = body["metadata"]!.AsObject();
            metadata.Remove("name");
            metadata["generateName"] = $"{rollout.Metadata.Name}-";
            var judged = await client.CreateAsync(KubernetesKinds.ReplicaSet, rollout.Metadata.Namespace, body, cancellationToken, dryRun: true);
            answer = new Answer(about, rollout.Metadata.Generation, judged.Spec.Template.Hash, null);
        }
        catch (KubernetesApiException refused) when (refused.IsInvalid)
        {
            answer = new Answer(about, rollout.Metadata.Generation, null, Describe(refused, asked));
        }

        _answers[rollout.Key] = answer;
        return answer;
    }

    private static Problem Describe(KubernetesApiException refused, AskedTemplate asked)
    {
        if (refused.Causes is not [var cause, ..])
            return new Problem(EventReason.InvalidTemplate, asked.Field, $"the API server refuses it: {refused.Message}");
        var field = cause.Field.StartsWith("spec.template", StringComparison.Ordinal) ? asked.Field + cause.Field["spec.template".Length..]
            : cause.Field.StartsWith("spec.selector", StringComparison.Ordinal) ? "spec.selector" : asked.Field;
        var reason = cause.Message.Contains("`selector` does not match", StringComparison.Ordinal) ? EventReason.SelectorDoesNotMatch : EventReason.InvalidTemplate;
        return new Problem(reason, field, reason == EventReason.SelectorDoesNotMatch
            ? "the labels of the template do not match spec.selector; give both the same labels"
            : $"the API server refuses it: {cause.Message}");
    }

    private sealed record Answer((string Uid, string Digest) For, long Generation, string? Digest, Problem? Problem);
}

/// <summary>ReplicaSets as the controller reads and makes them.</summary>
internal static class ReplicaSets
{
    /// <summary>The revision of a ReplicaSet.</summary>
    public static string Revision(ReplicaSet set) => set.Metadata.Labels.GetValueOrDefault(Names.RevisionLabel, set.Metadata.Name);

    /// <summary>The name of the ReplicaSet of a revision.</summary>
    public static string NameOf(RolloutObject rollout, string revision) => $"{rollout.Metadata.Name}-{revision}";

    /// <summary>The ReplicaSet of a template.</summary>
    public static JsonObject Body(RolloutObject rollout, AskedTemplate asked, string revision, int replicas, long number, Deployment? workload)
    {
        var template = JsonObject.Create(asked.Template)!;
        var metadata = template["metadata"] as JsonObject ?? [];
        template["metadata"] = metadata;
        metadata.Remove("creationTimestamp");
        var labels = metadata["labels"] as JsonObject ?? [];
        labels[Names.RevisionLabel] = revision;
        metadata["labels"] = labels;

        var selector = JsonObject.Create(asked.Selector)!;
        var matchLabels = selector["matchLabels"] as JsonObject ?? [];
        matchLabels[Names.RevisionLabel] = revision;
        selector["matchLabels"] = matchLabels;

        return new JsonObject
        {
            ["apiVersion"] = KubernetesKinds.ReplicaSet.ApiVersion,
            ["kind"] = KubernetesKinds.ReplicaSet.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = NameOf(rollout, revision),
                ["labels"] = labels.DeepClone(),
                ["annotations"] = Annotations(number, asked.Digest, asked.Config),
                ["ownerReferences"] = Owners(rollout, workload, replicas),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = replicas,
                ["minReadySeconds"] = asked.MinReadySeconds,
                ["selector"] = selector,
                ["template"] = template,
            },
        };
    }

    /// <summary>What the controller notes on a ReplicaSet.</summary>
    /// <param name="number">Its place in the history.</param>
    /// <param name="digest">The digest of the raw template that it was made from; null where only the API's form of that is known.</param>
    /// <param name="config">The content of its ConfigMaps and Secrets; null leaves what is noted of it.</param>
    public static JsonObject Annotations(long number, string? digest, ConfigState? config = null)
    {
        var annotations = new JsonObject
        {
            [Names.RevisionNumber] = number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [Names.TemplateDigest] = digest,
        };
        if (config is not null)
            annotations[Names.Config] = ConfigNotes.Write(config);
        return annotations;
    }

    /// <summary>
    /// The owners of a ReplicaSet. Where the pods are to be given back, the Deployment stays an owner without control: should the
    /// Rollout go, the garbage collector keeps what still has an owner, and the Deployment takes it back, with or without us.
    /// </summary>
    public static JsonArray Owners(RolloutObject rollout, Deployment? workload, int replicas)
    {
        var owners = new JsonArray(Owner(rollout));
        if (workload is not null && Ownership.Returns(rollout.Spec, replicas))
        {
            owners.Add((JsonNode)new JsonObject
            {
                ["apiVersion"] = KubernetesKinds.Deployment.ApiVersion,
                ["kind"] = KubernetesKinds.Deployment.Kind,
                ["name"] = workload.Metadata.Name,
                ["uid"] = workload.Metadata.Uid,
            });
        }

        return owners;
    }

    /// <summary>The Rollout as the controlling owner.</summary>
    public static JsonObject Owner(RolloutObject rollout) => new()
    {
        ["apiVersion"] = RolloutObject.Kind.ApiVersion,
        ["kind"] = RolloutObject.Kind.Kind,
        ["name"] = rollout.Metadata.Name,
        ["uid"] = rollout.Metadata.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };
}
