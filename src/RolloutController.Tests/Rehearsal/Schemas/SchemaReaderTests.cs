using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>What a schema asks for and is not done is told when it is read, with its place.</summary>
internal sealed class SchemaReaderTests
{
    [TestCase("""{"oneOf": []}""", "root.properties[spec].oneOf: this keyword")]
    [TestCase("""{"x-kubernetes-embedded-resource": true}""", "root.properties[spec].x-kubernetes-embedded-resource: this keyword")]
    [TestCase("""{"anyOf": [{"type": "integer"}, {"type": "string"}]}""", "root.properties[spec].anyOf: this keyword")]
    [TestCase("""{"type": "any"}""", "root.properties[spec].type: there is no type any")]
    [TestCase("""{"type": "string", "format": "hostname"}""", "root.properties[spec].format: the format hostname")]
    [TestCase("""{"type": "string", "pattern": "(?=a)"}""", "root.properties[spec].pattern: ")]
    [TestCase("""{"additionalProperties": true}""", "root.properties[spec].additionalProperties: only a schema")]
    [TestCase("""{"type": "array", "x-kubernetes-list-type": "bag"}""", "x-kubernetes-list-type: there is no list type bag")]
    [TestCase("""{"x-kubernetes-validations": [{"rule": "self.frobnicate()"}]}""", "x-kubernetes-validations[0].rule: column 6 of")]
    [TestCase("""{"x-kubernetes-validations": [{"rule": "true", "messageExpression": "self +"}]}""", "x-kubernetes-validations[0].messageExpression: column 7 of")]
    [TestCase("""{"x-kubernetes-validations": [{"rule": "true", "fieldPath": ".nobody"}]}""", "x-kubernetes-validations[0].fieldPath: .nobody does not refer")]
    [TestCase("""{"x-kubernetes-validations": [{"rule": "true", "reason": "Because"}]}""", "x-kubernetes-validations[0].reason: there is no reason")]
    [TestCase("""{"x-kubernetes-validations": [{"rule": "true", "optionalOldSelf": true}]}""", "x-kubernetes-validations[0].optionalOldSelf: this keyword")]
    public void Problem_has_a_place(string schema, string message)
    {
        var root = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["spec"] = JsonNode.Parse(schema) } };
        var problem = Assert.Throws<SchemaException>(() => _ = new StructuralSchema(root, "root"));
        Assert.That(problem!.Message, Does.StartWith("root.properties[spec]").And.Contain(message));
    }

    [Test]
    public void Integer_or_string_may_be_written_out()
    {
        var root = JsonNode.Parse("""
            {"type": "object", "properties": {"port": {"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}}}
            """)!.AsObject();
        Assert.That(() => new StructuralSchema(root), Throws.Nothing);
    }
}
