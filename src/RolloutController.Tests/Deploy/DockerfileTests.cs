using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Deploy;

/// <summary>What can be said of the image without building it; <c>.ci/image</c> builds it.</summary>
internal sealed class DockerfileTests
{
    private static readonly string s_text = File.ReadAllText(RepositoryFiles.PathOf("Dockerfile"));

    [Test]
    public void A_base_image_is_named_by_a_digest_that_nobody_made_up()
    {
        var bases = Regex.Matches(s_text, @"^FROM (\S+)", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();
        Assert.That(bases, Has.Count.EqualTo(2));
        Assert.That(bases, Is.All.Match(@"^\$\{\w+_IMAGE\}@\$\{\w+_DIGEST\}$"));
        Assert.That(Regex.Matches(s_text, @"^ARG \w+_DIGEST(.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value), Is.EqualTo(new[] { "", "" }));
    }

    [Test]
    public void The_executable_is_published_by_the_script_that_the_checks_call() =>
        Assert.That(Regex.Matches(s_text, @"^RUN (.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value), Is.EqualTo(new[] { ".ci/publish \"${RUNTIME_IDENTIFIER}\" /app" }));

    [Test]
    public void What_is_started_needs_no_shell() =>
        Assert.That(Regex.Matches(s_text, @"^(?:ENTRYPOINT|CMD) (.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value), Is.EqualTo(new[] { "[\"/app/RolloutController\"]", "[\"run\"]" }));
}
