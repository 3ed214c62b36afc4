using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Schemas;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>
/// What an API server of Kubernetes 1.36 answered about objects of a CustomResourceDefinition that uses everything a schema can have
/// (probe.crd.json, probe.answers.json): our schema says the same.
/// </summary>
internal sealed class ProbeTests
{
    private const string Folder = "src/RolloutController.Tests/Rehearsal/Schemas";

    private static readonly StructuralSchema Schema = new(Read("probe.crd.json")["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject());

    public static IEnumerable<TestCaseData> Answers() => Read("probe.answers.json").AsArray().Select((answer, index) =>
        new TestCaseData(answer).SetArgDisplayNames($"{index}", Described(answer!.AsObject())));

    [TestCaseSource(nameof(Answers))]
    public void Answer_is_that_of_the_API_server(JsonObject answer)
    {
        var old = answer["old"] is { } stored ? Body([], stored) : null;
        if (old is not null)
        {
            Schema.Prune(old);
            Schema.Default(old);
        }

        var body = Body(answer, answer["spec"]);
        var unknown = Schema.Prune(body);
        Assert.That(unknown, Is.EqualTo(Texts(answer["unknown"])));
        if (unknown.Count > 0)
            return;
        Schema.Default(body);
        var problems = Schema.Validate(body, old);

        Assert.That(
            problems.Select(problem => $"{problem.Reason} {problem.Field}: {problem.Message}"),
            Is.EquivalentTo((answer["problems"] as JsonArray ?? []).Select(problem => $"{problem![0]} {problem[1]}: {problem[2]}")));
        if (answer["stored"] is { } expected)
            Assert.That(JsonNode.DeepEquals(body["spec"], expected), $"{body["spec"]?.ToJsonString()} is not {expected.ToJsonString()}");
    }

    private static JsonObject Body(JsonObject answer, JsonNode? spec)
    {
        var metadata = new JsonObject { ["name"] = "x", ["namespace"] = "default" };
        foreach (var (name, value) in answer["metadata"] as JsonObject ?? [])
            metadata[name] = value?.DeepClone();
        var body = new JsonObject { ["apiVersion"] = "example.com/v1", ["kind"] = "Probe", ["metadata"] = metadata };
        if (spec is not null || answer.ContainsKey("spec"))
            body["spec"] = spec?.DeepClone();
        foreach (var (name, value) in answer["more"] as JsonObject ?? [])
            body[name] = value?.DeepClone();
        return body;
    }

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(item => (string)item!);

    private static string Described(JsonObject answer)
    {
        var asked = answer.DeepClone().AsObject();
        foreach (var part in new[] { "problems", "stored", "unknown" })
            asked.Remove(part);
        return asked.ToJsonString();
    }

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(RepositoryFiles.PathOf($"{Folder}/{file}")))!;
}
