using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// The ReplicaSets of a Deployment: which of them has its template, and their numbers in its history. The rules:
/// <c>k8s.io/kubernetes/pkg/controller/deployment/sync.go</c> and <c>util/deployment_util.go</c>.
/// </summary>
internal sealed class DeploymentRevisions
{
    public const string Revision = "deployment.kubernetes.io/revision";

    private const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    private const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    /// <summary>The characters of <c>k8s.io/apimachinery/pkg/util/rand</c>, which spell no bad words.</summary>
    private const string SafeCharacters = "bcdfghjklmnpqrstvwxz2456789";

    private readonly EmbeddedCluster _cluster;
    private readonly DeploymentRead _deployment;
    private readonly List<StoredObject> _sets;
    private string? _new;

    /// <param name="cluster">The cluster.</param>
    /// <param name="deployment">The Deployment.</param>
    /// <param name="sets">The ReplicaSets that it controls.</param>
    public DeploymentRevisions(EmbeddedCluster cluster, DeploymentRead deployment, IEnumerable<StoredObject> sets)
    {
        (_cluster, _deployment) = (cluster, deployment);
        _sets = [.. sets.OrderBy(set => set.CreatedAt()).ThenBy(set => set.Name, StringComparer.Ordinal)];
        _new = _sets.Find(set => JsonNode.DeepEquals(DeploymentRead.Bare(set.Json.At("spec", "template")), deployment.Template))?.Uid;
    }

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<StoredObject> All => _sets;

    /// <summary>The one with the template of the Deployment; null where there is none yet.</summary>
    public StoredObject? New => _sets.Find(set => set.Uid == _new);

    /// <summary>All but the one with the template of the Deployment.</summary>
    public IReadOnlyList<StoredObject> Old => [.. _sets.Where(set => set.Uid != _new)];

    /// <summary>The replicas that a ReplicaSet is asked to have.</summary>
    public static int Wanted(StoredObject set) => set.Json.Integer("spec", "replicas");

    /// <summary>The available pods that a ReplicaSet reports.</summary>
    public static int Available(StoredObject set) => set.Json.Integer("status", "availableReplicas");

    /// <summary>The replicas of the Deployment when it scaled this ReplicaSet last; null where it never did.</summary>
    public static int? Desired(StoredObject set) => Number(set.Annotation(DesiredReplicas));

    /// <summary>The most pods that the Deployment allowed when it scaled this ReplicaSet last; null where it never did.</summary>
    public static int? Most(StoredObject set) => Number(set.Annotation(MaxReplicas));

    /// <summary>Gives the ReplicaSet of the template its number, and makes it where there is none and it is wanted.</summary>
    public void Sync(bool create)
    {
        var number = 1 + Old.Select(set => Number(set.Annotation(Revision)) ?? 0).DefaultIfEmpty().Max();
        if (New is { } existing)
        {
            var known = Number(existing.Annotation(Revision)) ?? 0;
            Replace(_cluster.Change("replicasets", existing.Namespace, existing.Name, json =>
            {
                json.Within("metadata").Within("annotations")[Revision] = Text(Math.Max(number, known));
                json.Within("spec").SetCount("minReadySeconds", _deployment.Spec.Integer("minReadySeconds"));
            }));
            Announce(Math.Max(number, known));
        }
        else if (create)
        {
            var made = Create(number);
            _sets.Add(made);
            _new = made.Uid;
            Announce(number);
        }
    }

    /// <summary>Scales a ReplicaSet, and notes on it what for.</summary>
    /// <returns>Whether its count changed.</returns>
    public bool Scale(StoredObject set, int replicas)
    {
        Replace(_cluster.Change("replicasets", set.Namespace, set.Name, json =>
        {
            json.Within("spec")["replicas"] = replicas;
            Note(json.Within("metadata").Within("annotations"));
        }));
        return Wanted(set) != replicas;
    }

    /// <summary>Deletes old ReplicaSets without pods beyond the limit of the history.</summary>
    public void Prune()
    {
        var idle = Old.Where(set => Wanted(set) == 0 && set.Json.Integer("status", "replicas") == 0 && !set.IsDeleting()).ToList();
        foreach (var set in idle.OrderBy(set => Number(set.Annotation(Revision)) ?? 0).Take(idle.Count - _deployment.HistoryLimit))
            _cluster.Delete(set.Plural, set.Namespace, set.Name);
    }

    private StoredObject Create(int number)
    {
        for (var collisions = _deployment.Object.Json.Integer("status", "collisionCount"); ; collisions++)
        {
            try
            {
                return _cluster.Create("replicasets", Body(Hash(collisions), number));
            }
            catch (ApiFailure taken) when (taken.Code == HttpStatusCode.Conflict && taken.Reason == "AlreadyExists")
            {
                // Somebody else's has the name: another hash will do.
            }
        }
    }

    private JsonObject Body(string hash, int number)
    {
        var template = _deployment.Template.DeepClone().AsObject();
        template.Within("metadata").Within("labels")[PodTemplateDigest.HashLabel] = hash;
        var selector = (_deployment.Spec.At("selector")?.DeepClone() ?? new JsonObject()).AsObject();
        selector.Within("matchLabels")[PodTemplateDigest.HashLabel] = hash;
        var annotations = new JsonObject { [Revision] = Text(number) };
        Note(annotations);
        var spec = new JsonObject { ["replicas"] = RollingUpdate.NewReplicas(_deployment, null, _sets), ["selector"] = selector, ["template"] = template };
        spec.SetCount("minReadySeconds", _deployment.Spec.Integer("minReadySeconds"));
        return new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "ReplicaSet",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{_deployment.Object.Name}-{hash}",
                ["namespace"] = _deployment.Object.Namespace,
                ["labels"] = template.At("metadata", "labels")!.DeepClone(),
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(new Adoption(_cluster, _deployment.Object, DeploymentController.Kind).Reference()),
            },
            ["spec"] = spec,
        };
    }

    /// <summary>A hash of the template. Its value differs from that of a real cluster, which hashes Go's view of it; nobody may rest on that.</summary>
    private string Hash(int collisions)
    {
        var digest = CanonicalJson.Hash(new JsonObject { ["template"] = _deployment.Template.DeepClone(), ["collisions"] = collisions });
        var number = uint.Parse(digest.AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        return new StringBuilder().AppendJoin("", number.Select(digit => SafeCharacters[digit % SafeCharacters.Length])).ToString();
    }

    /// <summary>Tells users the number of the revision that the Deployment is at; with the status, since it is none of the user's wishes.</summary>
    private void Announce(int number) => _cluster.Change("deployments", _deployment.Object.Namespace, _deployment.Object.Name, json =>
        json.Within("metadata").Within("annotations")[Revision] = Text(number), "status");

    private void Note(JsonObject annotations)
    {
        annotations[DesiredReplicas] = Text(_deployment.Replicas);
        annotations[MaxReplicas] = Text(_deployment.Replicas + _deployment.MaxSurge);
    }

    private void Replace(StoredObject? changed)
    {
        if (changed is not null && _sets.FindIndex(set => set.Uid == changed.Uid) is var index and >= 0)
            _sets[index] = changed;
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
