using System.Net;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Cluster.Patching;

namespace RolloutController.Tests.Conformance;

/// <summary>JSON patch, by the examples of RFC 6902, appendix A, as far as they are about objects.</summary>
internal sealed class JsonPatchTests
{
    private static readonly TestCaseData[] Examples =
    [
        Example("A.1 adding a member", """{"foo": "bar"}""", """[{"op": "add", "path": "/baz", "value": "qux"}]""", """{"baz": "qux", "foo": "bar"}"""),
        Example("A.2 adding an element", """{"foo": ["bar", "baz"]}""", """[{"op": "add", "path": "/foo/1", "value": "qux"}]""", """{"foo": ["bar", "qux", "baz"]}"""),
        Example("A.3 removing a member", """{"baz": "qux", "foo": "bar"}""", """[{"op": "remove", "path": "/baz"}]""", """{"foo": "bar"}"""),
        Example("A.4 removing an element", """{"foo": ["bar", "qux", "baz"]}""", """[{"op": "remove", "path": "/foo/1"}]""", """{"foo": ["bar", "baz"]}"""),
        Example("A.5 replacing a value", """{"baz": "qux", "foo": "bar"}""", """[{"op": "replace", "path": "/baz", "value": "boo"}]""", """{"baz": "boo", "foo": "bar"}"""),
        Example("A.6 moving a value", """{"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}}""",
            """[{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}]""", """{"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}"""),
        Example("A.7 moving an element", """{"foo": ["all", "grass", "cows", "eat"]}""", """[{"op": "move", "from": "/foo/1", "path": "/foo/3"}]""",
            """{"foo": ["all", "cows", "eat", "grass"]}"""),
        Example("A.8 testing a value", """{"baz": "qux", "foo": ["a", 2, "c"]}""",
            """[{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}]""", """{"baz": "qux", "foo": ["a", 2, "c"]}"""),
        Example("A.10 adding a nested member", """{"foo": "bar"}""", """[{"op": "add", "path": "/child", "value": {"grandchild": {}}}]""", """{"foo": "bar", "child": {"grandchild": {}}}"""),
        Example("A.11 ignoring members that are unknown", """{"foo": "bar"}""", """[{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}]""", """{"foo": "bar", "baz": "qux"}"""),
        Example("A.14 the order of escapes", """{"/": 9, "~1": 10}""", """[{"op": "test", "path": "/~01", "value": 10}]""", """{"/": 9, "~1": 10}"""),
        Example("A.16 adding a list", """{"foo": ["bar"]}""", """[{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}]""", """{"foo": ["bar", ["abc", "def"]]}"""),
        Example("4.1 adding null", """{"foo": 1}""", """[{"op": "add", "path": "/bar", "value": null}]""", """{"foo": 1, "bar": null}"""),
        Example("4.5 copying", """{"foo": {"a": 1}}""", """[{"op": "copy", "from": "/foo", "path": "/bar"}, {"op": "add", "path": "/bar/b", "value": 2}]""", """{"foo": {"a": 1}, "bar": {"a": 1, "b": 2}}"""),
    ];

    [TestCaseSource(nameof(Examples))]
    public void Operations_do_what_the_RFC_says(string target, string patch, string result) =>
        Assert.That(JsonNode.DeepEquals(Applied(target, patch), JsonNode.Parse(result)), Is.True, Applied(target, patch).ToJsonString());

    [TestCase("""{"baz": "qux"}""", """[{"op": "test", "path": "/baz", "value": "bar"}]""", TestName = "A.9 a test that fails")]
    [TestCase("""{"foo": "bar"}""", """[{"op": "add", "path": "/baz/bat", "value": "qux"}]""", TestName = "A.12 adding to nothing")]
    [TestCase("""{"/": 9, "~1": 10}""", """[{"op": "test", "path": "/~01", "value": "10"}]""", TestName = "A.15 comparing text with a number")]
    [TestCase("""{"foo": ["a"]}""", """[{"op": "add", "path": "/foo/2", "value": "b"}]""", TestName = "An index beyond the end")]
    [TestCase("""{"foo": ["a"]}""", """[{"op": "remove", "path": "/foo/-"}]""", TestName = "Removing past the end")]
    [TestCase("""{"foo": "bar"}""", """[{"op": "remove", "path": "/baz"}]""", TestName = "Removing nothing")]
    [TestCase("""{"foo": "bar"}""", """[{"op": "replace", "path": "/baz", "value": 1}]""", TestName = "Replacing nothing")]
    public void Operation_that_cannot_be_carried_out_is_refused(string target, string patch) =>
        Assert.That(() => Applied(target, patch), Throws.TypeOf<ApiFailure>().With.Property(nameof(ApiFailure.Code)).EqualTo(HttpStatusCode.UnprocessableEntity));

    [TestCase("""[{"op": "spam", "path": "/foo"}]""")]
    [TestCase("""[{"op": "add", "path": "foo", "value": 1}]""")]
    [TestCase("""["add"]""")]
    public void Operation_that_is_none_is_refused(string patch) =>
        Assert.That(() => Applied("""{"foo": "bar"}""", patch), Throws.TypeOf<ApiFailure>().With.Property(nameof(ApiFailure.Code)).EqualTo(HttpStatusCode.BadRequest));

    [Test]
    public void What_was_added_can_be_tested_and_removed_whatever_its_name() => Prop.ForAll<NonNull<string>>(name =>
    {
        var pointer = "/" + name.Get.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        var target = new JsonObject { ["other"] = 1 };
        var operations = new JsonArray(Operation("add", pointer), Operation("test", pointer), Operation("remove", pointer));
        var result = JsonPatch.Apply(target, operations);
        return JsonNode.DeepEquals(result, name.Get == "other" ? new JsonObject() : new JsonObject { ["other"] = 1 });
    }).QuickCheckThrowOnFailure();

    private static JsonObject Operation(string name, string pointer) => new() { ["op"] = name, ["path"] = pointer, ["value"] = "value" };

    private static JsonObject Applied(string target, string patch) => JsonPatch.Apply(JsonNode.Parse(target)!.AsObject(), JsonNode.Parse(patch)!.AsArray());

    private static TestCaseData Example(string name, string target, string patch, string result) => new TestCaseData(target, patch, result).SetArgDisplayNames(name);
}
