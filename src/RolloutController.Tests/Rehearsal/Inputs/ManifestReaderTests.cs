using NUnit.Framework;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Tests.Rehearsal.Inputs;

internal sealed class ManifestReaderTests
{
    private const string Item = "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n";

    [Test]
    public void Documents_are_named_where_there_are_several()
    {
        Assert.That(Read(Item).Single().Where, Is.EqualTo("standard input"));
        Assert.That(Read($"{Item}---\n# nothing\n---\n{Item}").Select(manifest => manifest.Where), Is.EqualTo(new[] { "standard input, document 1", "standard input, document 2" }));
    }

    [Test]
    public void Lists_hold_objects_and_JSON_is_YAML()
    {
        var list = Read("""{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}, {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b", "namespace": "c"}}]}""");

        Assert.That(list.Select(manifest => (manifest.Name, manifest.Namespace, manifest.Where)), Is.EqualTo(new[] { ("a", "", "standard input, items[0]"), ("b", "c", "standard input, items[1]") }));
    }

    [TestCase("a: [b", "standard input: line ")]
    [TestCase("- a", "standard input: the document is no object")]
    [TestCase("kind: Service\nmetadata: {name: shop}", "standard input: apiVersion: is missing")]
    [TestCase("apiVersion: v1\nmetadata: {name: shop}", "standard input: kind: is missing")]
    [TestCase("apiVersion: v1\nkind: 5\nmetadata: {name: shop}", "standard input: kind: is missing, or no text")]
    [TestCase("apiVersion: v1\nkind: Service", "standard input: metadata.name: is missing")]
    [TestCase("apiVersion: v1\nkind: Service\nmetadata: {name: 5}", "standard input: metadata.name: is missing, or no text: a number needs quotes")]
    [TestCase("apiVersion: v1\nkind: Service\nmetadata: {name: shop, namespace: 5}", "standard input: metadata.namespace: is no text")]
    [TestCase("kind: List\nitems: [null]", "standard input, items[0]: the document is no object")]
    public void What_is_no_manifest_is_said(string text, string message) =>
        Assert.That(() => Read(text), Throws.TypeOf<ManifestException>().With.Message.StartsWith(message));

    [Test]
    public void Input_without_end_is_refused() =>
        Assert.That(() => Read(new string('#', (8 * 1024 * 1024) + 1)), Throws.TypeOf<ManifestException>().With.Message.EqualTo("standard input: it is longer than 8 MiB, which no manifest is"));

    [Test]
    public void File_that_is_not_there_is_said() =>
        Assert.That(() => ManifestReader.Read(["/nowhere/shop.yaml"], TextReader.Null), Throws.TypeOf<ManifestException>().With.Message.EqualTo("/nowhere/shop.yaml: there is no such file or folder"));

    private static IReadOnlyList<Manifest> Read(string text) => ManifestReader.Read([ManifestReader.StandardInput], new StringReader(text));
}
