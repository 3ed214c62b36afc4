using NUnit.Framework;
using RolloutController.Hosting.Options;

namespace RolloutController.Tests.Hosting.Options;

internal sealed class TraceSettingsTests
{
    private readonly List<string> _problems = [];

    [Test]
    public void Without_a_collector_there_are_none() => Assert.That(AreOn(), Is.False);

    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [TestCase("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")]
    public void A_collector_turns_them_on(string name) => Assert.That(AreOn((name, "http://collector:4317")), Is.True);

    [TestCase("OTEL_SDK_DISABLED", "true")]
    [TestCase("OTEL_TRACES_EXPORTER", "none")]
    public void They_can_be_turned_off(string name, string value) => Assert.That(AreOn(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4317"), (name, value)), Is.False);

    [Test]
    public void What_is_no_address_is_a_problem_and_not_repeated()
    {
        Assert.That(AreOn(("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:secret@4317")), Is.False);
        Assert.That(_problems, Has.Count.EqualTo(1).And.All.Contains("OTEL_EXPORTER_OTLP_ENDPOINT").And.None.Contains("secret"));
    }

    private bool AreOn(params (string Name, string Value)[] environment)
    {
        _problems.Clear();
        return TraceSettings.AreOn(environment.ToDictionary(one => one.Name, one => one.Value), _problems);
    }
}
