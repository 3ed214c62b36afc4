using System.Runtime.CompilerServices;
using NUnit.Framework;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Cli;

namespace RolloutController.Tests.Rehearsal.Scenarios;

internal sealed class RehearsalRunTests
{
    private static readonly string[] Examples = ["shop", "shop-pods-only", "adopt-deployment", "shop-checks"];

    private static IEnumerable<string> Names => NamedScenarios.All.Select(scenario => scenario.Name);

    [TestCaseSource(nameof(Names))]
    public void Scenario_ends_as_expected_on_the_example(string name)
    {
        var result = OfExample("shop", name);

        Assert.That(result.IsAsExpected, $"{result.Outcome}: {result.Message}");
        Assert.That(result.Warnings, Is.Empty);
        Assert.That(result.Requests.Lost, Is.Zero);
        if (result.Outcome == Outcome.RolledBack)
            Assert.That(result.Told(TimelineKind.RolledBack).Single(), Does.Contain("is rolled back: at "));
    }

    [TestCaseSource(nameof(Examples))]
    public void Good_version_of_every_example_is_promoted_without_a_failed_request(string example)
    {
        var result = OfExample(example, "good");

        Assert.That((result.Outcome, result.Requests.Failed), Is.EqualTo((Outcome.Promoted, 0L)));
        Assert.That(result.Requests.Total, Is.EqualTo(100 * result.Duration.TotalSeconds).Within(200));
        Assert.That(result.Requests.ToNew, Is.GreaterThan(0));
    }

    [Test]
    public void Every_weight_comes_in_order_and_each_step_is_judged()
    {
        var result = OfExample("shop", "good");

        Assert.That(result.Told(TimelineKind.Weight).Select(text => text.Split(" %")[0]), Is.EqualTo(new[] { "5", "25", "50", "100" }));
        Assert.That(result.Told(TimelineKind.Passed), Has.Count.EqualTo(4).And.All.Match(@"^\d+ % is passed after \d+ s: [\d,]+ requests judged, 0 failed$"));
        Assert.That(result.Told(TimelineKind.Check), Is.Not.Empty);
        Assert.That(result.Timeline.Select(entry => entry.At), Is.Ordered);
        Assert.That(result.Timeline[0].At, Is.EqualTo(TimeSpan.Zero));
        Assert.That(result.Course.Select(point => Math.Round(point.Share)).Distinct(), Is.EqualTo(new[] { 0, 5, 25, 50, 100 }));
    }

    [Test]
    public void Nothing_of_a_rehearsal_stays_in_memory()
    {
        var cluster = Rehearsed();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.That(cluster.IsAlive, Is.False);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Rehearsed()
        {
            WeakReference? seen = null;
            Rehearsals.Run(Rehearsals.Shop(), look: cluster => seen = new(cluster));
            return seen!;
        }
    }

    [Test]
    public void Times_of_day_in_messages_are_those_of_the_timeline()
    {
        var look = OfExample("shop", "good").Timeline.First(entry => entry.Kind == TimelineKind.Check);

        var next = TimeSpan.Parse(look.Text.Split("next look ")[1].Split(';')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(next, Is.EqualTo(look.At + TimeSpan.FromSeconds(15)).Within(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void Errors_that_come_with_load_are_found_at_that_weight()
    {
        var result = OfExample("shop", "errors-at-50");

        Assert.That(result.Told(TimelineKind.Weight), Has.Count.EqualTo(3));
        Assert.That(result.Told(TimelineKind.RolledBack).Single(), Does.Contain("at 50 %: error rate "));
        var atHalf = result.Timeline.Last(entry => entry.Kind == TimelineKind.Weight).At;
        Assert.That(result.Course.Where(point => point.At < atHalf).Select(point => point.NewErrorRate ?? 0), Is.All.Zero);
        Assert.That(result.Course.Max(point => point.NewErrorRate), Is.EqualTo(4).Within(4));
    }

    [Test]
    public void Prometheus_that_is_away_holds_and_neither_promotes_nor_rolls_back()
    {
        var result = OfExample("shop", "prometheus-down");

        Assert.That(result.Told(TimelineKind.World), Is.EqualTo(new[] { "a new version is shipped", "Prometheus does not answer any more", "Prometheus answers again" }));
        Assert.That(result.Told(TimelineKind.Held), Is.Not.Empty);
        Assert.That(result.Timeline.Where(entry => entry.Kind == TimelineKind.Passed).Select(entry => entry.At), Has.All.GreaterThan(TimeSpan.FromMinutes(10.5)));
    }

    [Test]
    public void Third_version_takes_the_place_of_the_second()
    {
        var result = OfExample("shop", "superseded");

        Assert.That(result.Told(TimelineKind.World), Has.Member("a third version is shipped"));
        Assert.That(result.Told(TimelineKind.Started), Has.Count.EqualTo(2).And.Unique);
        Assert.That(result.Told(TimelineKind.Promoted).Single().Split(' ')[0], Is.EqualTo(result.Told(TimelineKind.Started)[1].Split(' ')[1]));
    }

    [Test]
    public void Step_that_waits_for_a_person_is_let_go_on()
    {
        var result = OfExample("shop-pods-only", "good");

        Assert.That(result.Told(TimelineKind.World), Has.Member("a person lets the rollout go on"));
        Assert.That(result.Told(TimelineKind.Held), Has.One.Contains("waits for a person"));
    }

    [TestCase("HTTPRoute")]
    [TestCase("GRPCRoute")]
    public void Bad_version_is_found_behind_each_kind_of_route(string kind) =>
        Assert.That(Rehearsals.Run(Rehearsals.Shop(routeKind: kind), "errors-at-5").Outcome, Is.EqualTo(Outcome.RolledBack));

    [TestCase("good", Outcome.Promoted)]
    [TestCase("errors-at-5", Outcome.RolledBack)]
    public void Selectors_of_the_user_are_answered(string scenario, Outcome outcome)
    {
        var result = Rehearsals.Run(Rehearsals.Shop("""
            analysis:
              errorRate:
                max: 0.5%
                requests: shop_requests{pod=~"$pods"}
                errors: shop_requests{pod=~"$pods",outcome="bad"}
            """), scenario);

        Assert.That(result.Outcome, Is.EqualTo(outcome), result.Message);
    }

    [Faults.FaultRow(43, "an autoscaler midway")]
    [Test]
    public void Autoscaler_keeps_the_Rollout_within_its_bounds()
    {
        var replicas = new List<int?>();
        var result = Rehearsals.Run(Rehearsals.Shop() + """

            ---
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: shop}
            spec:
              scaleTargetRef: {apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: shop}
              minReplicas: 2
              maxReplicas: 6
              metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
            """, look: cluster => replicas.Add((int?)cluster.Find("rollouts", "default", "shop")!.Json["spec"]!["replicas"]));

        Assert.That(result.Outcome, Is.EqualTo(Outcome.Promoted));
        Assert.That(replicas.Single(), Is.InRange(2, 6));
        Assert.That(result.Message, Does.EndWith($"; {replicas.Single()} pods available"));
    }

    [Test]
    public void Deployment_that_is_not_there_is_the_controllers_to_complain_about()
    {
        var result = Rehearsals.Run("apiVersion: rollouts.dev/v1alpha1\nkind: Rollout\nmetadata: {name: shop}\nspec: {workloadRef: {kind: Deployment, name: shop}}");

        Assert.That(result.Outcome, Is.EqualTo(Outcome.Invalid));
        Assert.That(result.Message, Does.Contain("Deployment shop"));
    }

    private static RehearsalResult OfExample(string example, string scenario) => Rehearsals.Run(File.ReadAllText(Rehearse.Example(example)), scenario);
}
