using NUnit.Framework;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Rehearsal.Scenarios;

internal sealed class FeasibilityTests
{
    [Test]
    public void Rollout_with_its_defaults_needs_no_warning() => Assert.That(Warnings("analysis: {errorRate: {max: 0.5%}}"), Is.Empty);

    [TestCase("steps: [{weight: 100}]", "spec.analysis.errorRate is left out: pods alone are judged, and a version that is ready but fails its requests is promoted")]
    [TestCase(
        "analysis: {errorRate: {max: 0.5%, minRequests: 100}}",
        "spec.analysis.errorRate.minRequests: 100 requests cannot tell an error rate of 0.5% from twice as much; at 50 % and above that takes 1,597")]
    [TestCase(
        "steps: [{weight: 50, hold: 29s}, {weight: 100, hold: 60s}]\nanalysis: {errorRate: {max: 5%}}",
        "spec.steps[0].hold: 29s is shorter than two scrapes (15s each): the step is judged by what one scrape shows")]
    [TestCase(
        "steps: [{weight: 5, hold: 30s}, {weight: 100}]\nanalysis: {errorRate: {max: 0.5%}}",
        "spec.steps[0].hold: 154 requests are needed to judge 5 %, which take 31s at 5 a second: the step holds that long, not 30s")]
    [TestCase(
        "progressDeadline: 1m\nsteps: [{weight: 1, hold: 60s}, {weight: 100}]\nanalysis: {errorRate: {max: 0.5%}}",
        "spec.steps[0]: 154 requests are needed to judge 1 % against 0.5%, which take 2m34s at 1 a second: past its hold and progressDeadline (2m) the rollout counts as stalled; hold longer, give it more weight or raise the threshold")]
    public void What_cannot_work_is_said_with_numbers(string fields, string warning) => Assert.That(Warnings(fields), Is.EqualTo(new[] { warning }));

    [Test]
    public void Step_without_weight_needs_no_requests_and_the_one_after_it_is_the_first()
    {
        const string Fields = "analysis: {errorRate: {max: 0.5%}}\nsteps: [{weight: 0}, {weight: 5}, {weight: 100}]";
        var spec = Rehearsals.Input(Rehearsals.Shop(Fields).Replace("traffic: {service: shop,", "traffic: {service: shop, match: {headers: [{name: X-Canary, value: always}]},", StringComparison.Ordinal)).Spec;

        Assert.That(Feasibility.Warnings(spec, new RehearsalSettings()), Is.Empty);
        Assert.That(Feasibility.Warnings(spec, new RehearsalSettings { RequestsPerSecond = 2 }), Has.Some.StartsWith("spec.steps[1]: 154 requests are needed to judge 5 %").And.None.StartsWith("spec.steps[0]"));
    }

    [Test]
    public void Traffic_that_is_less_than_a_step_needs_is_a_warning() =>
        Assert.That(Warnings("analysis: {errorRate: {max: 0.5%}}", new RehearsalSettings { RequestsPerSecond = 2 }), Has.Count.EqualTo(4).And.Some.StartsWith("spec.steps[0]: 154 requests are needed to judge 5 % against 0.5%, which take 25m40s at 0.1 a second"));

    [Test]
    public void Pod_counts_that_cannot_make_a_weight_are_a_warning()
    {
        var manifests = Rehearsals.Shop("replicas: 3\nsteps: [{weight: 5}, {weight: 50}, {weight: 100}]\nanalysis: {errorRate: {max: 1%}}")
            .Replace("replicas: 10\n", "\n", StringComparison.Ordinal).Replace(", routes: [{kind: HTTPRoute, name: shop}]", "", StringComparison.Ordinal);
        var input = Rehearsals.Input(manifests);

        Assert.That(Feasibility.Warnings(input.Spec, new RehearsalSettings()), Is.EqualTo(new[]
        {
            "spec.steps[0].weight: pod counts make the split, and 3 pods cannot make 5 %: it becomes about 33 %; add pods, or a route under spec.traffic.routes",
            "spec.steps[1].weight: pod counts make the split, and 3 pods cannot make 50 %: it becomes about 67 %; add pods, or a route under spec.traffic.routes",
        }));
        Assert.That(Feasibility.Warnings(input.Spec, new RehearsalSettings { Replicas = 20 }), Is.Empty);
    }

    private static IReadOnlyList<string> Warnings(string fields, RehearsalSettings? settings = null) => Feasibility.Warnings(Rehearsals.Input(Rehearsals.Shop(fields)).Spec, settings ?? new RehearsalSettings());
}
