using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Cli.Converting;

/// <summary>The templates of analyses that others name, among manifests.</summary>
/// <param name="manifests">The manifests.</param>
/// <param name="namespace">The namespace of what names them; empty where it names none.</param>
internal sealed class ForeignTemplates(IReadOnlyList<Manifest> manifests, string @namespace)
{
    /// <summary>An AnalysisTemplate of Argo Rollouts, or a ClusterAnalysisTemplate; null where it is not among them.</summary>
    public Manifest? Analysis(string name, bool isClusterWide) =>
        Find("argoproj.io", isClusterWide ? "ClusterAnalysisTemplate" : "AnalysisTemplate", name, isClusterWide ? "" : @namespace);

    /// <summary>A MetricTemplate of Flagger; null where it is not among them.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="space">Its namespace; null for that of what names it.</param>
    public Manifest? Metric(string name, string? space) => Find("flagger.app", "MetricTemplate", name, space ?? @namespace);

    private Manifest? Find(string group, string kind, string name, string space) => manifests.FirstOrDefault(manifest =>
        manifest.Kind == kind && manifest.Name == name && manifest.ApiVersion.Split('/')[0] == group && (space.Length == 0 || manifest.Namespace.Length == 0 || manifest.Namespace == space));
}
