using System.Diagnostics.Metrics;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>What the controller counts of its own work. Series of single Rollouts are read from the caches at each scrape, so none outlives its object.</summary>
internal static class ControlInstruments
{
    /// <summary>The meter's name.</summary>
    public const string Name = "RolloutController.Control";

    private const string Controller = "rollout";

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Reconciles = Meter.CreateCounter<long>("controller_runtime_reconcile_total");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("controller_runtime_reconcile_time_seconds");
    private static readonly Counter<long> Rollbacks = Meter.CreateCounter<long>("rollout_rollbacks_total");
    private static readonly Counter<long> Promotions = Meter.CreateCounter<long>("rollout_promotions_total");
    private static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("rollout_verdicts_total");

    /// <summary>The caches that Rollouts are read from.</summary>
    public static readonly Kubernetes.Observed<Caches> Running = new();

    static ControlInstruments()
    {
        Meter.CreateObservableGauge("rollout_status_phase", Phases);
        Meter.CreateObservableGauge("rollout_traffic_weight_percent", () => Each(rollout => rollout.Status.Weight));
        Meter.CreateObservableGauge("rollout_step_index", () => Each(rollout => rollout.Status.StepIndex));
    }

    /// <summary>Counts a pass.</summary>
    /// <param name="result">success, requeue_after or error.</param>
    /// <param name="elapsed">How long it took.</param>
    public static void Reconciled(string result, TimeSpan elapsed)
    {
        Reconciles.Add(1, new("controller", Controller), new("result", result));
        Durations.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("controller", Controller));
    }

    /// <summary>Counts a look at the metrics by what it brought.</summary>
    public static void Looked(DataClass found) => Verdicts.Add(1, new KeyValuePair<string, object?>("class", found.ToString()));

    /// <summary>Counts what a plan decided.</summary>
    public static void Decided(RolloutObject before, Plan plan)
    {
        if (plan.Status.LastRollback is { } rollback && rollback != before.Status.LastRollback)
            Rollbacks.Add(1, new KeyValuePair<string, object?>("reason", rollback.Reason));
        if (plan.Status.State is Promoting && before.Status.State is not Promoting)
            Promotions.Add(1);
    }

    private static IEnumerable<Measurement<int>> Phases() => Rollouts().SelectMany(rollout => Enum.GetValues<Phase>().Select(phase =>
        new Measurement<int>(rollout.Status.Phase == phase ? 1 : 0, [.. Labels(rollout), new("phase", phase.ToString())])));

    private static IEnumerable<Measurement<int>> Each(Func<RolloutObject, int> value) =>
        Rollouts().Select(rollout => new Measurement<int>(value(rollout), Labels(rollout)));

    private static IEnumerable<RolloutObject> Rollouts() => Running.Items.SelectMany(caches => caches.Rollouts.List());

    private static KeyValuePair<string, object?>[] Labels(RolloutObject rollout) =>
        [new("namespace", rollout.Metadata.Namespace), new("name", rollout.Metadata.Name)];
}
