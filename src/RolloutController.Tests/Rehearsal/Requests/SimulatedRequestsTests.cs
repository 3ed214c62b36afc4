using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Requests;

internal sealed class SimulatedRequestsTests
{
    private static readonly Serving Good = _ => ServingQuality.Good;

    [Test]
    public void Stream_is_split_by_the_weights_in_effect() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (75, 25), Good);

        await bed.PassAsync(TimeSpan.FromMinutes(10));

        var (old, young) = (shop.Of("old"), shop.Of("new"));
        Assert.That(old.Total + young.Total, Is.EqualTo(60_000));
        Assert.That(young.Total, Is.EqualTo(15_000).Within(500));
        Assert.That(young.Total, Is.Not.EqualTo(15_000), "chance makes the split");
        Assert.That(shop.Requests.Shares(), Is.EquivalentTo(new Dictionary<string, double> { ["old"] = 0.75, ["new"] = 0.25 }));
    });

    [Test]
    public void New_weights_count_from_when_the_proxies_have_them() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (1, 0), Good);
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        Assert.That(shop.Of("new").Total, Is.Zero);

        await shop.WeighAsync(0, 1);
        var before = shop.Of("old").Total;
        await bed.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(shop.Of("old").Total - before, Is.LessThanOrEqualTo(10), "the look at the route was 100 ms late at the most");
        Assert.That(shop.Of("new").Total, Is.EqualTo(6_000).Within(10));
    });

    [Test]
    public void Pods_fail_as_many_as_they_are_said_to() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (1, 1), moment => new ServingQuality(moment.Revision == "new" ? 0.08 : 0.001, Latency.Usual));

        await bed.PassAsync(TimeSpan.FromMinutes(30));

        Assert.That(shop.Of("new").ErrorRate, Is.EqualTo(0.08).Within(0.004));
        Assert.That(shop.Of("old").ErrorRate, Is.EqualTo(0.001).Within(0.0005));
    });

    [Test]
    public void Quality_can_depend_on_the_share_of_traffic_on_time_and_on_load() => Bed.Run(async bed =>
    {
        var moments = new List<ServingMoment>();
        using var shop = await RequestBed.StartAsync(bed, (75, 25), moment =>
        {
            moments.Add(moment);
            return moment is { Revision: "new", Share: >= 0.5 } ? new ServingQuality(1, Latency.Usual) : ServingQuality.Good;
        });
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        Assert.That((shop.Of("new").Total > 0, shop.Of("new").Failed), Is.EqualTo((true, 0)));
        Assert.That(moments[^1].Elapsed, Is.EqualTo(TimeSpan.FromSeconds(45)), "the start of the last stretch");
        Assert.That(moments.Where(moment => moment.Revision == "new").Select(moment => moment.RequestsPerSecond), Is.All.EqualTo(25));
        Assert.That(moments.Where(moment => moment.Revision == "old").Select(moment => moment.RequestsPerSecond), Is.All.EqualTo(37.5), "two pods share");

        await shop.WeighAsync(50, 50);
        var before = shop.Of("new");
        await bed.PassAsync(TimeSpan.FromMinutes(1));

        var after = shop.Of("new");
        Assert.That(after.Failed - before.Failed, Is.EqualTo(after.Total - before.Total));
    });

    [Test]
    public void Answers_that_come_too_late_count_as_failed() => Bed.Run(async bed =>
    {
        var slow = new ServingQuality(0, new Latency(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)));
        using var shop = await RequestBed.StartAsync(bed, (1, 1), moment => moment.Revision == "new" ? slow : ServingQuality.Good, stream => stream with { Timeout = TimeSpan.FromSeconds(3) });

        await bed.PassAsync(TimeSpan.FromMinutes(10));

        Assert.That(shop.Of("new").ErrorRate, Is.EqualTo(0.01).Within(0.002));
        Assert.That(shop.Requests.SlowestHundredth("new").TotalSeconds, Is.EqualTo(3).Within(0.01));
        Assert.That(shop.Of("old").ErrorRate, Is.LessThan(0.0001));
    });

    [Test]
    public void Requests_to_a_Service_without_ready_endpoints_are_lost() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (1, 1), Good);
        bed.Kubelet.Turn(pod => pod.Json.Label("pod-template-hash") == "new", PodConduct.Unready);
        await bed.UntilAsync(() => shop.Requests.Shares().Keys.SequenceEqual(["old"]), "the canary to be unready");
        var (before, old) = (shop.Of("new"), shop.Of("old"));

        await bed.PassAsync(TimeSpan.FromMinutes(1));

        var after = shop.Of("new");
        Assert.That((after.Total - before.Total, after.Failed), Is.EqualTo((after.Lost - before.Lost, 0)));
        Assert.That(after.Lost, Is.EqualTo(3_000).Within(200));
        Assert.That(shop.Of("old").Lost, Is.Zero);
        Assert.That(shop.Of("old").Total - old.Total + after.Lost - before.Lost, Is.EqualTo(6_000));
    });

    [Test]
    public void Route_that_is_gone_loses_everything() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (1, 1), Good);
        bed.Cluster.Delete("httproutes", Bed.Namespace, "shop");
        await bed.UntilAsync(() => shop.Gateway.Routes.Count == 0, "the route to go");

        await bed.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(shop.Of("").Lost, Is.EqualTo(6_000).Within(10));
    });

    [Test]
    public void Without_routes_pods_share_evenly() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (1, 0), Good, stream => stream with { Routes = [], CanaryService = null });
        bed.Merge("services", "shop", "{spec: {selector: {pod-template-hash: null}}}");
        await bed.UntilAsync(() => shop.Requests.Shares().Count == 2, "all pods behind the Service");
        var before = shop.Of("new").Total;

        await bed.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(shop.Of("new").Total - before, Is.EqualTo(2_000).Within(5));
    });

    [Test]
    public void Rate_may_vary() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (1, 0), Good, stream => stream with { RequestsPerSecond = time => time < TimeSpan.FromMinutes(1) ? 10 : 0.5 });

        await bed.PassAsync(TimeSpan.FromMinutes(3));

        Assert.That(shop.Of("old").Total, Is.EqualTo(660));
    });

    [Test]
    public void Same_seed_gives_the_same_counts()
    {
        var first = Count();
        Assert.That(Count(), Is.EqualTo(first));

        static string Count()
        {
            var counts = "";
            Bed.Run(async bed =>
            {
                using var shop = await RequestBed.StartAsync(bed, (60, 40), _ => new ServingQuality(0.05, Latency.Usual));
                await bed.PassAsync(TimeSpan.FromMinutes(5));
                await shop.WeighAsync(10, 90);
                await bed.PassAsync(TimeSpan.FromMinutes(5));
                counts = string.Join(';', shop.Requests.Totals());
            });
            return counts;
        }
    }

    [Test]
    public void Each_rule_has_an_equal_part_and_other_Services_are_none_of_the_stream()
    {
        var stream = new RequestStream(RequestBed.Shop) { CanaryService = RequestBed.Canary, Routes = [("httproutes", RequestBed.Shop)] };
        var other = new ObjectKey(Bed.Namespace, "blog");
        RouteInEffect[] routes =
        [
            new("httproutes", RequestBed.Shop, 1,
            [
                [new(RequestBed.Shop, 80, 100)],
                [new(RequestBed.Shop, 80, 50), new(RequestBed.Canary, 80, 25), new(other, 80, 25)],
                [new(other, 80, 1)],
            ]),
        ];

        var targets = TrafficSplit.Of(stream, routes);

        Assert.That(targets.Select(target => (target.Service.Name, target.Share)), Is.EqualTo([("shop", 0.75), ("shop-canary", 0.125)]));
    }

    [Test]
    public void Rule_without_any_weight_goes_nowhere()
    {
        var stream = new RequestStream(RequestBed.Shop) { Routes = [("httproutes", RequestBed.Shop)] };

        var targets = TrafficSplit.Of(stream, [new RouteInEffect("httproutes", RequestBed.Shop, 1, [[new(RequestBed.Shop, 80, 0)]])]);

        Assert.That(targets, Is.EqualTo([new TrafficTarget(new ObjectKey("", ""), 0, 1)]));
    }

    [Test]
    public void Load_of_a_pod_is_told_in_parts_of_what_it_was_at_first() => Bed.Run(async bed =>
    {
        using var shop = await RequestBed.StartAsync(bed, (2, 1), Good, stream => stream with { RequestsPerSecond = time => time < TimeSpan.FromMinutes(1) ? 30 : 60 });
        var pods = bed.Cluster.List("pods", Bed.Namespace);

        Assert.That(pods.Select(shop.Requests.LoadOf), Is.All.EqualTo(1.0).Within(1e-9));
        await bed.PassAsync(TimeSpan.FromMinutes(2));
        Assert.That(pods.Select(shop.Requests.LoadOf), Is.All.EqualTo(2.0).Within(1e-9));
    });
}
