using NUnit.Framework;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>The systems of the folder examples: each story ends as the runbook of its system demands, by the check that it names.</summary>
internal sealed class SystemStoryTests
{
    private static IEnumerable<TestCaseData> Stories() =>
        from system in Directory.GetDirectories(RepositoryFiles.PathOf("examples")).Order(StringComparer.Ordinal)
        from story in Directory.GetFiles(Path.Combine(system, "stories"), "*.yaml").Order(StringComparer.Ordinal)
        let name = $"{Path.GetFileName(system)}: {Path.GetFileNameWithoutExtension(story)}"
        select new TestCaseData(system, story).SetName(name);

    [TestCaseSource(nameof(Stories))]
    public void Story_ends_as_the_runbook_demands(string system, string story)
    {
        var input = RehearsalInput.Find(ManifestReader.Read([Path.Combine(system, "rollout.yaml")], TextReader.Null), replicas: null).Single();
        var scenario = ScenarioFile.Read(story);

        var result = RehearsalRun.Rehearse(input, scenario, new RehearsalSettings());

        Assert.That(scenario.Expected, Is.Not.Null, "a story says how it ends");
        Assert.That((result.Outcome, result.FailedCheck), Is.EqualTo((scenario.Expected, scenario.ExpectedCheck)), $"{result.Message}\n{string.Join('\n', result.Timeline)}");
        Assert.That(result.Requests.Lost, Is.Zero, "requests that met no pod");
    }

    [Test]
    public void Five_systems_have_a_good_story_and_bad_ones() => Assert.That(
        Stories().GroupBy(story => story.Arguments[0]).Select(stories => (stories.Count(story => ((string)story.Arguments[1]!).EndsWith("good.yaml", StringComparison.Ordinal)), stories.Count() > 5)),
        Is.EqualTo(Enumerable.Repeat((1, true), 5)));
}
