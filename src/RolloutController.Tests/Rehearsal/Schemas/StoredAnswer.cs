using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>What an API server answered about an object, and what our rules say about the same.</summary>
internal static class StoredAnswer
{
    private const string Folder = "src/RolloutController.Tests/Rehearsal/Schemas";

    private static readonly string[] Answered = ["problems", "stored", "storedMore", "unknown", "refused"];

    /// <summary>The answers of a file.</summary>
    public static IEnumerable<TestCaseData> All(string file) => Read(file).AsArray().Select((answer, index) =>
        new TestCaseData(answer).SetArgDisplayNames($"{index}", Asked(answer!.AsObject())));

    /// <summary>A file beside the tests.</summary>
    public static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(RepositoryFiles.PathOf($"{Folder}/{file}")))!;

    /// <summary>Asks our rules the same, and compares.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="rules">Our rules.</param>
    /// <param name="apiVersion">The version of the object.</param>
    /// <param name="later">The fields of the specification that the API server did not know yet.</param>
    public static void Compare(JsonObject answer, IResourceRules rules, string apiVersion, params IReadOnlyList<string> later)
    {
        var kind = (string?)answer["kind"] ?? "Probe";
        var old = answer["old"] is { } stored ? Body(apiVersion, kind, [], stored) : null;
        if (old is not null)
        {
            rules.Prune(old);
            rules.Default(old);
        }

        var body = Body(apiVersion, kind, answer, answer["spec"]);
        var unknown = rules.Prune(body);
        Assert.That(unknown, Is.EqualTo((answer["unknown"] as JsonArray ?? []).Select(field => (string)field!)));
        if (unknown.Count > 0)
            return;
        rules.Default(body);
        Assert.That(
            rules.Validate(body, old).Select(problem => $"{problem.Reason} {problem.Field}: {problem.Message}"),
            Is.EquivalentTo((answer["problems"] as JsonArray ?? []).Select(problem => $"{problem![0]} {problem[1]}: {problem[2]}")).Using<string, string>(IsSame));
        foreach (var field in later)
            (body["spec"] as JsonObject)?.Remove(field);
        if (answer["stored"] is { } expected)
            Assert.That(JsonNode.DeepEquals(body["spec"], expected), $"{body["spec"]?.ToJsonString()} is not {expected.ToJsonString()}");
        foreach (var (name, value) in answer["storedMore"] as JsonObject ?? [])
            Assert.That(JsonNode.DeepEquals(body[name], value), $"{body[name]?.ToJsonString()} is not {value?.ToJsonString()}");
    }

    /// <summary>Whether a problem is the expected one, of which a part may be left out.</summary>
    private static bool IsSame(string actual, string expected) =>
        expected.Split('…') is [var start, var end]
            ? actual.StartsWith(start, StringComparison.Ordinal) && actual.EndsWith(end, StringComparison.Ordinal)
            : actual == expected;

    private static JsonObject Body(string apiVersion, string kind, JsonObject answer, JsonNode? spec)
    {
        var metadata = new JsonObject { ["name"] = "x", ["namespace"] = "default" };
        foreach (var (name, value) in answer["metadata"] as JsonObject ?? [])
            metadata[name] = value?.DeepClone();
        var body = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
        if (spec is not null || answer.ContainsKey("spec"))
            body["spec"] = spec?.DeepClone();
        foreach (var (name, value) in answer["more"] as JsonObject ?? [])
            body[name] = value?.DeepClone();
        return body;
    }

    private static string Asked(JsonObject answer) =>
        new JsonObject(answer.Where(part => !Answered.Contains(part.Key)).Select(part => KeyValuePair.Create(part.Key, part.Value?.DeepClone()))).ToJsonString();
}
