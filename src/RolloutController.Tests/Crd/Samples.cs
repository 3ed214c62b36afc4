using System.Text.Json.Nodes;

namespace RolloutController.Tests.Crd;

/// <summary>The valid Rollouts of samples.yaml, which together write every field.</summary>
internal static class Samples
{
    public const string Folder = "src/RolloutController.Tests/Crd";

    private static readonly JsonObject All = YamlFile.Documents($"{Folder}/samples.yaml").Single().AsObject();

    public static IEnumerable<string> Names => All.Select(sample => sample.Key);

    /// <summary>A copy of one sample.</summary>
    public static JsonNode Named(string name) => All[name]!.DeepClone();

    /// <summary>A copy of the first sample that writes this field.</summary>
    public static JsonNode? Writing(string path) =>
        All.Select(sample => sample.Value!).FirstOrDefault(sample => FieldPath.Find(sample, path) is not null)?.DeepClone();
}
