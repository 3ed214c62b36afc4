using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>Objects of a cluster as manifests, each with what its conversion looks at beside it.</summary>
/// <param name="client">The cluster.</param>
/// <param name="namespace">The namespace.</param>
internal sealed class LiveManifests(IKubernetesClient client, string @namespace)
{
    // A template may name others, and those again.
    private const int MostTemplates = 100;

    private static readonly ResourceKind<RawObject>[] BesideDeployments =
    [
        RawObject.Kind("", "v1", "Service", "services"),
        RawObject.Kind("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"),
        RawObject.Kind("gateway.networking.k8s.io", "v1", "GRPCRoute", "grpcroutes"),
        RawObject.Kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    ];

    /// <summary>Reads an object with what is beside it.</summary>
    /// <exception cref="CommandException">There is none of that name, or the cluster does not serve its kind.</exception>
    /// <exception cref="KubernetesApiException">The cluster refuses it.</exception>
    public async Task<IReadOnlyList<Manifest>> ReadAsync(LiveReference reference, CancellationToken cancellationToken)
    {
        var found = await GetAsync(reference, cancellationToken);
        return reference.Kind.Group == "apps" ? [found, .. await BesideAsync(cancellationToken)] : await WithTemplatesAsync(found, cancellationToken);
    }

    private async Task<Manifest> GetAsync(LiveReference reference, CancellationToken cancellationToken)
    {
        var (kind, name, owner) = reference;
        try
        {
            return await client.GetAsync(kind, new ObjectKey(@namespace, name), cancellationToken) is { } found
                ? Manifest(kind, found)
                : throw new CommandException($"There is no {kind.Kind} {name} of {kind.ApiVersion} in namespace {@namespace}: name another with -n, or look at all with kubectl get {kind.Plural}.{kind.Group} -A");
        }
        catch (KubernetesApiException refused) when (refused.IsNotFound)
        {
            throw new CommandException($"The cluster does not serve {kind.ApiVersion} {kind.Kind}, as {owner} is not installed there: choose another --context, or give a manifest with -f");
        }
    }

    private async Task<IReadOnlyList<Manifest>> BesideAsync(CancellationToken cancellationToken)
    {
        var beside = new List<Manifest>();
        foreach (var kind in BesideDeployments)
        {
            try
            {
                var list = await client.ListAsync(kind, @namespace, new ListOptions(), cancellationToken);
                beside.AddRange(list.Items.Select(item => Manifest(kind, item)));
            }
            catch (KubernetesApiException refused) when (refused.IsNotFound)
            {
                // The Gateway API is not installed everywhere.
            }
        }

        return beside;
    }

    private async Task<IReadOnlyList<Manifest>> WithTemplatesAsync(Manifest first, CancellationToken cancellationToken)
    {
        var all = new List<Manifest> { first };
        var asked = new HashSet<(string, ObjectKey)>();
        for (var next = 0; next < all.Count; next++)
        {
            foreach (var (kind, key) in TemplateReferences.Of(all[next].Json, @namespace))
            {
                if (asked.Count < MostTemplates && asked.Add((kind.Kind, key)) && await FindAsync(kind, key, cancellationToken) is { } template)
                    all.Add(Manifest(kind, template));
            }
        }

        return all;
    }

    /// <summary>A template; null where there is none, which the conversion tells.</summary>
    private async Task<RawObject?> FindAsync(ResourceKind<RawObject> kind, ObjectKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(kind, key, cancellationToken);
        }
        catch (KubernetesApiException refused) when (refused.IsNotFound)
        {
            return null;
        }
    }

    private static Manifest Manifest(ResourceKind<RawObject> kind, RawObject item)
    {
        var json = JsonObject.Create(item.Json)!;
        (json["apiVersion"], json["kind"]) = (kind.ApiVersion, kind.Kind);
        return new Manifest(item.Metadata.Namespace is { Length: > 0 } space ? $"namespace {space}" : "the cluster", json);
    }
}
