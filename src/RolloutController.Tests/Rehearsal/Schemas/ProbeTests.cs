using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>
/// What an API server of Kubernetes 1.36 answered about objects of a CustomResourceDefinition that uses everything a schema can have
/// (probe.crd.json, probe.answers.json): our schema says the same.
/// </summary>
internal sealed class ProbeTests
{
    private static readonly StructuralSchema Schema =
        new(StoredAnswer.Read("probe.crd.json")["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!.AsObject());

    public static IEnumerable<TestCaseData> Answers() => StoredAnswer.All("probe.answers.json");

    [TestCaseSource(nameof(Answers))]
    public void Answer_is_that_of_the_API_server(JsonObject answer) => StoredAnswer.Compare(answer, Schema, "example.com/v1");
}
