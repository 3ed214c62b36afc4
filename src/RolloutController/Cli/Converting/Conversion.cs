using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>A Rollout that was made of something else.</summary>
/// <param name="Source">What it was made of.</param>
/// <param name="Rollout">The Rollout.</param>
/// <param name="Notes">What has no counterpart or is to be looked at, each with its field.</param>
internal sealed record Conversion(Manifest Source, JsonObject Rollout, IReadOnlyList<string> Notes);

/// <summary>Makes Rollouts of what others are steered by.</summary>
internal static class Converter
{
    /// <summary>The kinds that can be converted, for people.</summary>
    public const string Kinds = "a Deployment (apps/v1), a Rollout of Argo Rollouts (argoproj.io/v1alpha1) or a Canary of Flagger (flagger.app/v1beta1)";

    /// <summary>Converts everything among manifests that can be. A Deployment that something else among them names is not converted by itself.</summary>
    /// <param name="manifests">The manifests; Services and routes among them are found out.</param>
    /// <exception cref="ManifestException">A field is not what its kind has there.</exception>
    public static IReadOnlyList<Conversion> Convert(IReadOnlyList<Manifest> manifests)
    {
        var others = manifests.Where(manifest => Of(manifest) is Kind.Argo or Kind.Flagger).Select(manifest => Convert(manifest, manifests)).ToList();
        var taken = others.Select(each => (string?)each.Rollout["spec"]?["workloadRef"]?["name"]).OfType<string>().ToHashSet();
        return [.. others, .. manifests.Where(manifest => Of(manifest) == Kind.Deployment && !taken.Contains(manifest.Name)).Select(manifest => Convert(manifest, manifests))];
    }

    private static Conversion Convert(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        var draft = new RolloutDraft(manifest);
        var templates = new ForeignTemplates(manifests, manifest.Namespace);
        switch (Of(manifest))
        {
            case Kind.Argo: new ArgoConversion(draft, templates).Convert(); break;
            case Kind.Flagger: new FlaggerConversion(draft, templates).Convert(); break;
            default: new DeploymentConversion(draft, manifests).Convert(); break;
        }

        return draft.Finish();
    }

    private static Kind Of(Manifest manifest) => (manifest.Kind, manifest.ApiVersion.Split('/')[0]) switch
    {
        ("Rollout", "argoproj.io") => Kind.Argo,
        ("Canary", "flagger.app") => Kind.Flagger,
        ("Deployment", "apps") => Kind.Deployment,
        _ => Kind.None,
    };

    private enum Kind
    {
        None,
        Deployment,
        Argo,
        Flagger,
    }
}
