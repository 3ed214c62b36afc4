using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Docs;

/// <summary>
/// The fields in <c>docs/reference.md</c> are made of the schema. Where they are stale this fails; with <c>ROLLOUT_TEST_WRITE=1</c> they
/// are written anew.
/// </summary>
internal sealed class ReferenceTests
{
    private const string File = "docs/reference.md";
    private const string Begin = "<!-- Made from crds/rollouts.yaml: ROLLOUT_TEST_WRITE=1 dotnet test --filter ReferenceTests writes it anew. -->\n\n";
    private const string End = "<!-- Until here. -->\n";

    [Test]
    public void The_reference_says_what_the_schema_says()
    {
        var text = Markdown.Read(File).Text;
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.That(new[] { begin, end }, Has.All.Positive, $"{File} has lost one of the lines {Begin}{End}");
        var expected = $"{text[..(begin + Begin.Length)]}{ReferencePage.Make()}{text[end..]}";
        if (Environment.GetEnvironmentVariable("ROLLOUT_TEST_WRITE") == "1")
            System.IO.File.WriteAllText(RepositoryFiles.PathOf(File), expected);
        else
            Assert.That(text, Is.EqualTo(expected), $"{File} is stale: {Begin}");
    }

    [Test]
    public void Every_field_is_described()
    {
        var undescribed = CrdSchema.Fields.Where(field => !field.Path.EndsWith("[]", StringComparison.Ordinal) && !field.Path.EndsWith('*') && !field.Has("description")).Select(field => field.Path);
        Assert.That(undescribed, Is.Empty, "crds/rollouts.yaml says what each field is");
    }
}
