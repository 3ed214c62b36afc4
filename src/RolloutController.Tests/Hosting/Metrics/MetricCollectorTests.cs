using System.Diagnostics.Metrics;
using NUnit.Framework;
using RolloutController.Hosting.Metrics;

namespace RolloutController.Tests.Hosting.Metrics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MetricCollectorTests : IDisposable
{
    private const string MeterName = "MetricCollectorTests";

    private readonly Meter _meter = new(MeterName);
    private readonly MetricCollector _collector = new(
    [
        (MeterName, new MetricDefinition("hits_total", MetricType.Counter, "Hits.", "code", "kind") { MaxSeries = 3 }),
        (MeterName, new MetricDefinition("promotions_total", MetricType.Counter, "Promotions.")),
        (MeterName, new MetricDefinition("depth", MetricType.Gauge, "Depth.", "name")),
        (MeterName, new MetricDefinition("phase", MetricType.Gauge, "Phase.", "name")),
        (MeterName, new MetricDefinition("wait_seconds", MetricType.Histogram, "Wait.") { Buckets = [1, 2] }),
    ]);

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Test]
    public void Known_label_values_have_a_series_before_the_first_observation()
    {
        var name = $"known_{Guid.NewGuid():N}_seconds";
        using var meter = new Meter(name);
        using var collector = new MetricCollector([(name, new MetricDefinition(name, MetricType.Histogram, "Known.", "outcome") { Buckets = [1], Known = [["Good"], ["Bad"]] })]);

        var histogram = meter.CreateHistogram<double>(name);
        histogram.Record(3, new KeyValuePair<string, object?>("outcome", "Bad"));

        var series = collector.Collect().Single(metric => metric.Definition.Name == name).Series;
        Assert.That(series.Select(one => (one.Labels[0], one.Counts!.Sum())), Is.EqualTo(new[] { ("Bad", 1L), ("Good", 0L) }));
    }

    [Test]
    public void Tags_become_labels_in_the_order_of_the_table()
    {
        var hits = _meter.CreateCounter<long>("hits_total");
        hits.Add(1, new("kind", "Pod"), new("code", 200));
        hits.Add(2, new("code", 200), new("user", "left out"), new("kind", "Pod"));
        hits.Add(4, new KeyValuePair<string, object?>("code", 404));

        Assert.That(Values("hits_total"), Is.EqualTo(new[] { ("200,Pod", 3.0), ("404,", 4.0) }));
    }

    [Test]
    public void A_counter_neither_falls_nor_loses_its_mind()
    {
        var hits = _meter.CreateCounter<double>("hits_total");
        hits.Add(2);
        hits.Add(-1);
        hits.Add(double.NaN);

        Assert.That(Values("hits_total"), Is.EqualTo(new[] { (",", 2.0) }));
    }

    [Test]
    public void A_counter_without_labels_is_shown_before_its_first_increment()
    {
        _meter.CreateCounter<long>("promotions_total");
        Assert.That(Values("promotions_total"), Is.EqualTo(new[] { ("", 0.0) }));
    }

    [Test]
    public void Gauges_can_be_set_moved_or_observed()
    {
        var depth = _meter.CreateUpDownCounter<int>("depth");
        depth.Add(3, new KeyValuePair<string, object?>("name", "queue"));
        depth.Add(-1, new KeyValuePair<string, object?>("name", "queue"));
        _meter.CreateGauge<double>("depth").Record(7, new KeyValuePair<string, object?>("name", "set"));

        Assert.That(Values("depth"), Is.EqualTo(new[] { ("queue", 2.0), ("set", 7.0) }));
    }

    [Test]
    public void What_an_observable_no_longer_names_is_gone()
    {
        List<Measurement<int>> rollouts = [new(1, new KeyValuePair<string, object?>("name", "shop")), new(1, new KeyValuePair<string, object?>("name", "blog"))];
        _meter.CreateObservableGauge("phase", () => rollouts);
        Assert.That(Values("phase").Select(value => value.Labels), Is.EqualTo(new[] { "blog", "shop" }));

        rollouts.RemoveAt(0);
        Assert.That(Values("phase").Select(value => value.Labels), Is.EqualTo(new[] { "blog" }));
    }

    [Test]
    public void An_observable_that_fails_costs_no_other_its_values()
    {
        _meter.CreateObservableGauge("phase", new Func<int>(() => throw new InvalidOperationException("broken")));
        _meter.CreateObservableGauge("depth", () => 5);

        Assert.That(Values("depth"), Is.EqualTo(new[] { ("", 5.0) }));
        Assert.That(Values("rollout_metrics_collection_errors_total").Single().Value, Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public void Observations_fall_into_the_bucket_that_includes_them()
    {
        var wait = _meter.CreateHistogram<double>("wait_seconds");
        foreach (var seconds in new[] { 0, 1, 1.5, 2, 3, -1, double.NaN, double.PositiveInfinity })
            wait.Record(seconds);

        var series = _collector.Collect().Single(metric => metric.Definition.Name == "wait_seconds").Series.Single();
        Assert.That(series.Counts, Is.EqualTo(new long[] { 2, 2, 1 }));
        Assert.That(series.Value, Is.EqualTo(7.5));
    }

    [Test]
    public void Beyond_the_most_series_measurements_are_dropped_and_counted()
    {
        var hits = _meter.CreateCounter<long>("hits_total");
        for (var code = 0; code < 5; code++)
            hits.Add(1, new KeyValuePair<string, object?>("code", code));
        hits.Add(1, new KeyValuePair<string, object?>("code", 0));

        Assert.That(Values("hits_total"), Is.EqualTo(new[] { ("0,", 2.0), ("1,", 1.0), ("2,", 1.0) }));
        Assert.That(Values("rollout_metrics_series_dropped_total"), Is.EqualTo(new[] { ("hits_total", 2.0) }));
    }

    [Test]
    public void Instruments_that_the_table_does_not_know_are_not_shown()
    {
        using var other = new Meter("Other");
        other.CreateCounter<long>("hits_total").Add(1);
        _meter.CreateCounter<long>("unknown_total").Add(1);
        _meter.CreateHistogram<long>("depth").Record(1);

        Assert.That(_collector.Collect().Select(metric => metric.Definition.Name), Is.EqualTo(new[] { "rollout_metrics_collection_errors_total" }));
    }

    private (string Labels, double Value)[] Values(string name) =>
        [.. _collector.Collect().Single(metric => metric.Definition.Name == name).Series.Select(series => (string.Join(',', series.Labels), series.Value))];
}
