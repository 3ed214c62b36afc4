using System.Globalization;
using System.Text.Json;
using RolloutController.Api;
using RolloutController.Cli.Output;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Reading;

/// <summary>Rollouts as a table.</summary>
internal static class RolloutTable
{
    /// <summary>The lines of a table.</summary>
    /// <param name="rollouts">The Rollouts.</param>
    /// <param name="withNamespaces">Whether their namespaces are shown.</param>
    /// <param name="isWide">Whether revisions and images are shown, too.</param>
    /// <param name="times">Tells how old they are.</param>
    public static IEnumerable<string> Lines(IEnumerable<RolloutObject> rollouts, bool withNamespaces, bool isWide, Times times)
    {
        string[] space = withNamespaces ? ["NAMESPACE"] : [], wide = isWide ? ["STABLE", "CANARY", "IMAGES"] : [];
        var table = new TextTable([.. space, "NAME", "STATUS", "STEP", "WEIGHT", "READY", "AGE", .. wide, "MESSAGE"]);
        foreach (var rollout in rollouts)
        {
            var status = rollout.Status;
            Cell[] where = withNamespaces ? [rollout.Metadata.Namespace] : [];
            Cell[] more = isWide ? [Or(status.StableRevision), Or(status.CanaryRevision), Or(string.Join(',', Images(rollout.Spec)))] : [];
            table.Add([
                .. where, rollout.Metadata.Name, Status(rollout), Or(status.Step), Weight(rollout),
                string.Create(CultureInfo.InvariantCulture, $"{status.ReadyReplicas}/{rollout.Spec.Replicas ?? 0}"), times.Age(rollout.Metadata.CreationTimestamp), .. more, status.Message]);
        }

        return table.Lines();
    }

    /// <summary>The word for a Rollout's phase, and what it hides.</summary>
    public static Cell Status(RolloutObject rollout)
    {
        var status = rollout.Status;
        if (status.Message.Length == 0)
            return new Cell("Unknown", Tone.Waits);
        var stalled = status.Phase is Phase.Progressing or Phase.RollingBack or Phase.Healthy && status.Conditions.Any(condition => condition is { Type: "Stalled", Status: "True" });
        return rollout.Metadata.DeletionTimestamp is not null ? new Cell("Deleting", Tone.Waits)
            : stalled ? new Cell($"{status.Phase} (stalled)", Tone.Bad)
            : new Cell($"{status.Phase}", Tone.Of(status.Phase));
    }

    /// <summary>The images of a template, in the order of its containers; none where it is a Deployment's.</summary>
    public static IReadOnlyList<string> Images(RolloutSpec spec) => spec.Template is { ValueKind: JsonValueKind.Object } template ? PodTemplateDigest.Of(template).Images : [];

    private static string Weight(RolloutObject rollout) => rollout.Status.Message.Length == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{rollout.Status.Weight} %");

    private static string Or(string text) => text.Length == 0 ? "-" : text;
}
