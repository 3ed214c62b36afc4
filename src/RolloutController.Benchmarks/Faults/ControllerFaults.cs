using System.Globalization;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>The controller is killed (SIGKILL) or frozen (SIGSTOP) at any moment. It stands alone and elects nobody, so that the next process acts at once.</summary>
internal static class ControllerFaults
{
    private const string Fault = "controller killed, or frozen and woken, at random moments";

    public static async Task RunAsync(FaultBed bed, FaultTable table, int rounds, Random random, CancellationToken cancellationToken)
    {
        var moments = new Queue<Moment>(Enumerable.Range(0, rounds).Select(_ => Moment.Draw(random)));
        await using var controller = await ControllerProcess.StartAsync(bed.Kubeconfig, bed.Namespace, bed.Prometheus.Url, cancellationToken);
        await bed.DeployAsync(cancellationToken);
        for (var number = 0; moments.Count > 0; number++)
        {
            var version = number % 2 == 0 ? FaultVersion.Good : FaultVersion.Bad;
            table.Add(await bed.PlayAsync(Fault, version, (flight, token) => DisturbAsync(controller, moments, flight, token), cancellationToken));
        }
        await CheckRightsAsync(controller, table, cancellationToken);
    }

    private static async Task DisturbAsync(ControllerProcess controller, Queue<Moment> moments, Flight flight, CancellationToken cancellationToken)
    {
        while (moments.TryPeek(out var moment))
        {
            try
            {
                await flight.PassAsync(moment.After);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // At rest: the next rollout meets it.
                return;
            }

            moments.Dequeue();
            flight.Struck(moment.ToString());
            if (moment.IsKill)
                await controller.KillAsync();
            else
                controller.Freeze();
            await Task.Delay(moment.Lasts, TimeProvider.System, cancellationToken);
            if (moment.IsKill)
                await controller.StartAgainAsync(cancellationToken);
            else
                controller.Wake();
        }
    }

    private static async Task CheckRightsAsync(ControllerProcess controller, FaultTable table, CancellationToken cancellationToken)
    {
        var forbidden = (await ControllerMetrics.ReadAsync(controller.Url, cancellationToken)).Sum("rest_client_requests_total", "code=\"403\"");
        if (forbidden > 0)
            table.Add("requests that deploy/rbac.yaml does not allow", "the whole run", $"{forbidden}", isFine: false);
    }

    /// <summary>When it strikes, and how.</summary>
    /// <param name="After">How long after the one before, or after the new version.</param>
    /// <param name="IsKill">Killed, or frozen.</param>
    /// <param name="Lasts">How long until it is started again or woken.</param>
    private sealed record Moment(TimeSpan After, bool IsKill, TimeSpan Lasts)
    {
        public static Moment Draw(Random random)
        {
            var isKill = random.NextDouble() < 0.5;
            return new Moment(Seconds(0.5, 10), isKill, isKill ? Seconds(0, 3) : Seconds(0.5, 12));

            TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * random.NextDouble()));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsKill ? "killed" : "frozen")} for {Lasts.TotalSeconds:0.0} s");
    }
}
