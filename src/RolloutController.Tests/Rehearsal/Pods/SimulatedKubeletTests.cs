using System.Text.Json;
using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Planning;
using RolloutController.Rehearsal.Pods;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Pods;

internal sealed class SimulatedKubeletTests
{
    [Test]
    public void Pod_is_bound_pulled_started_and_then_ready()
    {
        var phases = new List<string>();
        Bed.Run(
            async bed =>
            {
                bed.Cluster.Committed += change =>
                {
                    var container = change.Object.Json.At("status.containerStatuses.0.state") as System.Text.Json.Nodes.JsonObject;
                    if (change.Object.Plural == "pods")
                        phases.Add($"{change.Object.Json.Text("spec.nodeName")} {change.Object.Json.Text("status.phase")} {container?.First().Key} {change.Object.Json.Condition("Ready").Text("status")}");
                };
                var start = bed.Clock.GetUtcNow();
                bed.Create("pods", Pod(""));

                await bed.UntilAsync(() => bed.Find("pods", "shop").Is("Ready"), "the pod");

                Assert.That(bed.Clock.GetUtcNow() - start, Is.EqualTo(TimeSpan.FromSeconds(5)).Within(TimeSpan.FromMilliseconds(200)));
            },
            _ => new PodScript { ImagePull = TimeSpan.FromSeconds(3), StartUp = TimeSpan.FromSeconds(2) });

        Assert.That(phases.Distinct(), Is.EqualTo(
        [
            " Pending  ", "rehearsal Pending  ", "rehearsal Pending waiting False", "rehearsal Running running False", "rehearsal Running running True",
        ]));
    }

    [TestCase("", 3)]
    [TestCase("readinessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 5, periodSeconds: 10}", 5)]
    [TestCase("readinessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 1, periodSeconds: 10}", 11)]
    [TestCase("readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 2, successThreshold: 3}", 8)]
    public void Readiness_is_seen_when_the_container_is_probed(string probe, double seconds) => Bed.Run(
        async bed =>
        {
            var start = bed.Clock.GetUtcNow();
            bed.Create("pods", Pod(probe));

            await bed.UntilAsync(() => bed.Find("pods", "shop").Is("Ready"), "the pod");

            Assert.That(bed.Clock.GetUtcNow() - start, Is.EqualTo(TimeSpan.FromSeconds(seconds)).Within(TimeSpan.FromMilliseconds(200)));
        },
        _ => Bed.Quick with { StartUp = TimeSpan.FromSeconds(3) });

    [TestCase(PodConduct.Unready, PodTroubleKind.ProbeFailing)]
    [TestCase(PodConduct.CrashLoop, PodTroubleKind.CrashLoop)]
    [TestCase(PodConduct.ImagePullFailure, PodTroubleKind.ImagePull)]
    [TestCase(PodConduct.Unschedulable, PodTroubleKind.Unschedulable)]
    public void Controller_finds_what_is_wrong(PodConduct conduct, PodTroubleKind kind) => Bed.Run(
        async bed =>
        {
            bed.Create("pods", Pod(""));

            await bed.UntilAsync(() => Diagnosis(bed)?.Kind == kind, $"the trouble {kind}");
        },
        _ => Bed.Quick with { Conduct = conduct });

    [Test]
    public void Containers_that_crash_are_started_anew_after_longer_and_longer_waits() => Bed.Run(
        async bed =>
        {
            bed.Create("pods", Pod(""));
            var restarts = new List<double>();
            var start = bed.Clock.GetUtcNow();
            for (var count = 1; count <= 7; count++)
            {
                await bed.UntilAsync(() => bed.Find("pods", "shop").Number("status.containerStatuses.0.restartCount") == count, "a restart");
                restarts.Add(Math.Round((bed.Clock.GetUtcNow() - start).TotalSeconds));
                start = bed.Clock.GetUtcNow();
            }

            Assert.That(restarts, Is.EqualTo([1, 11, 21, 41, 81, 161, 301]), "the wait and one second that the container runs");
            Assert.That(bed.Find("pods", "shop").Number("status.containerStatuses.0.lastState.terminated.exitCode"), Is.EqualTo(1));
        },
        _ => Bed.Quick with { Conduct = PodConduct.CrashLoop });

    [Test]
    public void Pods_that_run_can_be_told_to_do_something_else() => Bed.Run(async bed =>
    {
        bed.Create("pods", Pod("", "a"));
        bed.Create("pods", Pod("", "b"));
        await bed.UntilAsync(() => bed.Pods.All(pod => pod.Is("Ready")), "the pods");

        bed.Kubelet.Turn(pod => pod.Name == "a", PodConduct.Restart);

        await bed.UntilAsync(() => !bed.Find("pods", "a").Is("Ready"), "the pod to be killed");
        await bed.UntilAsync(() => bed.Find("pods", "a").Is("Ready"), "the pod to come back");
        Assert.That(bed.Find("pods", "a").Number("status.containerStatuses.0.restartCount"), Is.EqualTo(1));
        Assert.That(bed.Find("pods", "b").Number("status.containerStatuses.0.restartCount"), Is.Zero);

        bed.Kubelet.Turn(_ => true, PodConduct.Unready);
        await bed.UntilAsync(() => bed.Pods.All(pod => !pod.Is("Ready")), "all to be unready");
        bed.Kubelet.Turn(_ => true, PodConduct.Ready);
        await bed.UntilAsync(() => bed.Pods.All(pod => pod.Is("Ready")), "all to be ready again");
    });

    [Test]
    public void Script_turns_at_its_moments() => Bed.Run(
        async bed =>
        {
            bed.Create("pods", Pod("readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 2, failureThreshold: 3}"));
            await bed.UntilAsync(() => bed.Find("pods", "shop").Is("Ready"), "the pod");
            var ready = bed.Clock.GetUtcNow();

            await bed.UntilAsync(() => !bed.Find("pods", "shop").Is("Ready"), "the pod to be unready");

            Assert.That((bed.Clock.GetUtcNow() - ready).TotalSeconds, Is.EqualTo(60 + 6).Within(0.2), "it fails after a minute, and three probes see it");
        },
        _ => Bed.Quick with { Turns = [new PodTurn(TimeSpan.FromMinutes(1), PodConduct.Unready)] });

    [TestCase("", 7)]
    [TestCase("lifecycle: {preStop: {sleep: {seconds: 5}}}", 12)]
    [TestCase("lifecycle: {preStop: {sleep: {seconds: 120}}}", 30)]
    public void Pod_goes_after_the_time_it_takes_to_stop(string lifecycle, double seconds) => Bed.Run(
        async bed =>
        {
            bed.Create("pods", Pod(lifecycle));
            await bed.UntilAsync(() => bed.Find("pods", "shop").Is("Ready"), "the pod");
            var asked = bed.Clock.GetUtcNow();
            bed.Cluster.Delete("pods", Bed.Namespace, "shop");

            await bed.UntilAsync(() => bed.Find("pods", "shop") is null, "the pod to go");

            Assert.That((bed.Clock.GetUtcNow() - asked).TotalSeconds, Is.EqualTo(seconds).Within(0.2));
        },
        _ => Bed.Quick with { Stop = TimeSpan.FromSeconds(7) });

    [TestCase("Never", PodConduct.Succeeds, "Succeeded", 0, "PodCompleted")]
    [TestCase("Never", PodConduct.Fails, "Failed", 1, "PodFailed")]
    [TestCase("Never", PodConduct.CrashLoop, "Failed", 1, "PodFailed")]
    [TestCase("Never", PodConduct.Restart, "Failed", 1, "PodFailed")]
    [TestCase("OnFailure", PodConduct.Succeeds, "Succeeded", 0, "PodCompleted")]
    public void Pod_that_is_not_started_anew_ends(string restartPolicy, PodConduct conduct, string phase, int exitCode, string reason) => Bed.Run(
        async bed =>
        {
            bed.Create("pods", Pod("", restartPolicy: restartPolicy));
            await bed.UntilAsync(() => bed.Find("pods", "shop").Text("status.phase") == phase, "its end");

            var pod = bed.Find("pods", "shop");
            var container = pod.At("status.containerStatuses.0");
            Assert.That((container.Number("state.terminated.exitCode"), container.Number("restartCount"), container.Flag("ready")), Is.EqualTo((exitCode, 0, false)));
            Assert.That((pod.Is("Ready"), pod.Condition("Ready").Text("reason")), Is.EqualTo((false, reason)));
            bed.Kubelet.Turn(_ => true, PodConduct.Ready);
            await bed.PassAsync(TimeSpan.FromMinutes(10));
            Assert.That(bed.Find("pods", "shop").Text("status.phase"), Is.EqualTo(phase), "it stays so");
        },
        _ => Bed.Quick with { Conduct = conduct, Turns = [new PodTurn(TimeSpan.FromMinutes(1), PodConduct.Ready)] });

    [TestCase("OnFailure", PodConduct.Fails, 1)]
    [TestCase("Always", PodConduct.Fails, 1)]
    [TestCase("Always", PodConduct.Succeeds, 0)]
    public void Containers_that_exit_are_started_anew_where_the_pod_says_so(string restartPolicy, PodConduct conduct, int exitCode) => Bed.Run(
        async bed =>
        {
            var start = bed.Clock.GetUtcNow();
            bed.Create("pods", Pod("", restartPolicy: restartPolicy));
            await bed.UntilAsync(() => bed.Find("pods", "shop").Is("Ready"), "the containers to run");
            await bed.UntilAsync(() => bed.Find("pods", "shop").Number("status.containerStatuses.0.restartCount") == 2, "two restarts");

            Assert.That((bed.Clock.GetUtcNow() - start).TotalSeconds, Is.EqualTo(30 + 30 + 10).Within(0.3), "the second after 10 s");
            Assert.That(bed.Find("pods", "shop").Number("status.containerStatuses.0.lastState.terminated.exitCode"), Is.EqualTo(exitCode));
            Assert.That(bed.Find("pods", "shop").Text("status.phase"), Is.EqualTo("Running"));
        },
        _ => Bed.Quick with { Conduct = conduct, RunsFor = TimeSpan.FromSeconds(30) });

    private static PodTrouble? Diagnosis(Bed bed) =>
        PodDiagnosis.Worst(bed.Pods.Select(pod => JsonSerializer.Deserialize(pod.ToJsonString(), KubernetesJsonContext.Default.Pod)!));

    private static string Pod(string container, string name = "shop", string restartPolicy = "Always") =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{app: shop}}}}, spec: {{restartPolicy: {restartPolicy}, terminationGracePeriodSeconds: 30, containers: [{{name: app, image: 'example/shop:v1', {container}}}]}}}}";
}
