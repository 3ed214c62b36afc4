using System.Globalization;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Pods;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Controllers;

internal sealed class JobControllerTests
{
    private static readonly TimeSpan RunsFor = TimeSpan.FromSeconds(20);

    [Test]
    public void Job_is_complete_when_its_pod_has_succeeded() => Run(PodConduct.Succeeds, async bed =>
    {
        var job = bed.Create("jobs", Job());
        var start = bed.Clock.GetUtcNow();
        await bed.UntilAsync(() => Status(bed).Number("ready") == 1, "the pod");
        Assert.That((Status(bed).Number("active"), Time(Status(bed), "startTime")), Is.EqualTo((1, start)));
        var owner = bed.Pods.Single().At("metadata.ownerReferences.0");
        Assert.That((owner.Text("apiVersion"), owner.Text("kind"), owner.Text("uid"), owner.Flag("controller")), Is.EqualTo(("batch/v1", "Job", job.Uid, true)));

        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Complete"), "the Job");

        Assert.That(bed.Clock.GetUtcNow() - start, Is.EqualTo(RunsFor).Within(TimeSpan.FromMilliseconds(200)));
        Assert.That((Status(bed).Number("active"), Status(bed).Number("succeeded"), Status(bed).Number("failed")), Is.EqualTo((0, 1, 0)));
        Assert.That(Time(Status(bed), "completionTime"), Is.EqualTo(start + RunsFor));
        Assert.That(bed.Find("jobs", "smoke").Is("SuccessCriteriaMet"), Is.True);
        Assert.That(bed.Pods.Single().Text("status.phase"), Is.EqualTo("Succeeded"), "it stays, for its log");
    });

    [Test]
    public void Pods_that_fail_are_followed_by_others_after_longer_and_longer_waits() => Run(PodConduct.Fails, async bed =>
    {
        var start = bed.Clock.GetUtcNow();
        bed.Create("jobs", Job("backoffLimit: 3,"));
        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Failed"), "the Job");

        var made = bed.Pods.Select(pod => (Time(pod, "metadata.creationTimestamp") - start).TotalSeconds).Order();
        Assert.That(made, Is.EqualTo([0, 30, 70, 130]), "each runs for 20 s; then 10 s, 20 s and 40 s go by");
        Assert.That(bed.Find("jobs", "smoke").Condition("Failed").Text("reason"), Is.EqualTo("BackoffLimitExceeded"));
        Assert.That((Status(bed).Number("active"), Status(bed).Number("failed"), Status(bed).At("completionTime")), Is.EqualTo((0, 4, (JsonNode?)null)));
        await bed.PassAsync(TimeSpan.FromHours(1));
        Assert.That(bed.Pods, Has.Count.EqualTo(4), "no other comes");
    });

    [Test]
    public void Containers_that_are_started_anew_in_their_pod_count_too() => Run(PodConduct.Fails, async bed =>
    {
        bed.Create("jobs", Job("backoffLimit: 2,", "OnFailure"));
        await bed.UntilAsync(() => bed.List("pods").Any(pod => pod.Number("status.containerStatuses.0.restartCount") == 1), "a restart");
        Assert.That(bed.Find("jobs", "smoke").Condition("Failed"), Is.Null);

        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Failed"), "the Job");

        Assert.That(bed.Find("jobs", "smoke").Condition("Failed").Text("reason"), Is.EqualTo("BackoffLimitExceeded"));
        Assert.That((Status(bed).Number("failed"), bed.List("pods").Count), Is.EqualTo((1, 0)), "the pod is taken away");
    });

    [Test]
    public void Job_that_is_too_late_fails_once_its_pods_are_gone() => Run(PodConduct.Succeeds, async bed =>
    {
        var start = bed.Clock.GetUtcNow();
        bed.Create("jobs", Job("activeDeadlineSeconds: 8,"));
        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("FailureTarget"), "the deadline");
        Assert.That((bed.Clock.GetUtcNow() - start).TotalSeconds, Is.EqualTo(8).Within(0.2));
        Assert.That((bed.Find("jobs", "smoke").Is("Failed"), Status(bed).Number("terminating")), Is.EqualTo((false, 1)));

        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Failed"), "the Job");

        Assert.That(bed.List("pods"), Is.Empty);
        Assert.That(bed.Find("jobs", "smoke").Condition("Failed").Text("reason"), Is.EqualTo("DeadlineExceeded"));
        Assert.That((Status(bed).Number("failed"), Status(bed).Number("succeeded"), Status(bed).Number("active")), Is.EqualTo((1, 0, 0)));
    });

    [TestCase(PodConduct.Succeeds, "Complete")]
    [TestCase(PodConduct.Fails, "Failed")]
    public void Finished_Job_goes_with_its_pods_when_its_time_is_over(PodConduct conduct, string condition) => Run(conduct, async bed =>
    {
        bed.Create("jobs", Job("backoffLimit: 0, ttlSecondsAfterFinished: 90,"));
        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is(condition), "the Job");
        var finished = bed.Clock.GetUtcNow();

        await bed.UntilAsync(() => bed.Find("jobs", "smoke") is null, "the Job to go");

        Assert.That((bed.Clock.GetUtcNow() - finished).TotalSeconds, Is.EqualTo(90).Within(1));
        Assert.That(bed.List("pods"), Is.Empty);
    });

    [Test]
    public void Pod_that_is_deleted_has_failed_and_is_replaced() => Run(PodConduct.Succeeds, async bed =>
    {
        bed.Create("jobs", Job());
        await bed.UntilAsync(() => Status(bed).Number("ready") == 1, "the pod");
        var first = bed.Pods.Single();
        bed.Cluster.Delete("pods", Bed.Namespace, first.Name());

        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Complete"), "another pod to succeed");

        Assert.That((Status(bed).Number("succeeded"), Status(bed).Number("failed")), Is.EqualTo((1, 1)));
        Assert.That(bed.List("pods").Single().Uid(), Is.Not.EqualTo(first.Uid()), "the first is counted, though it is gone");
    });

    [Test]
    public void As_many_pods_run_at_once_as_are_asked_for() => Run(PodConduct.Succeeds, async bed =>
    {
        var start = bed.Clock.GetUtcNow();
        bed.Create("jobs", Job("parallelism: 2, completions: 3,"));
        await bed.UntilAsync(() => Status(bed).Number("active") == 2, "two pods");
        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Complete"), "the Job");

        Assert.That((bed.Pods.Count, Status(bed).Number("succeeded")), Is.EqualTo((3, 3)));
        Assert.That((bed.Clock.GetUtcNow() - start).TotalSeconds, Is.EqualTo(40).Within(0.5));
    });

    [Test]
    public void Suspended_Job_has_no_pods_and_its_time_begins_when_it_is_resumed() => Run(PodConduct.Succeeds, async bed =>
    {
        bed.Create("jobs", Job("suspend: true, activeDeadlineSeconds: 60,"));
        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Suspended"), "it to be seen");
        await bed.PassAsync(TimeSpan.FromMinutes(5));
        Assert.That((bed.Pods.Count, Status(bed).At("startTime")), Is.EqualTo((0, (JsonNode?)null)));

        bed.Merge("jobs", "smoke", "{spec: {suspend: false}}");
        await bed.UntilAsync(() => Status(bed).Number("ready") == 1, "the pod");
        bed.Merge("jobs", "smoke", "{spec: {suspend: true}}");
        await bed.UntilAsync(() => bed.List("pods").Count == 0, "the pod to go");
        bed.Merge("jobs", "smoke", "{spec: {suspend: false}}");
        await bed.UntilAsync(() => bed.Find("jobs", "smoke").Is("Complete"), "the Job");

        Assert.That(Status(bed).Number("failed"), Is.Zero, "the pod that went has not failed");
        Assert.That(bed.Find("jobs", "smoke").Condition("Suspended").Text("reason"), Is.EqualTo("JobResumed"));
    });

    [TestCase("completionMode: Indexed,", "spec.completionMode: Unsupported value: \"Indexed\": supported values: \"NonIndexed\"")]
    [TestCase("backoffLimitPerIndex: 1,", "spec.backoffLimitPerIndex: Forbidden: a simulated cluster does not play it")]
    [TestCase("podFailurePolicy: {rules: []},", "spec.podFailurePolicy: Forbidden: a simulated cluster does not play it")]
    public void What_is_not_played_is_refused(string spec, string message) => Run(PodConduct.Succeeds, bed =>
    {
        var refused = Assert.Throws<ApiFailure>(() => bed.Create("jobs", Job(spec)));
        Assert.That(refused!.Message, Is.EqualTo($"Job.batch \"smoke\" is invalid: {message}"));
        return Task.CompletedTask;
    });

    private static void Run(PodConduct conduct, Func<Bed, Task> test) =>
        Bed.Run(test, _ => Bed.Quick with { Conduct = conduct, RunsFor = RunsFor });

    private static DateTimeOffset Time(JsonNode? item, string path) => DateTimeOffset.Parse(item.Text(path)!, CultureInfo.InvariantCulture);

    private static JsonNode? Status(Bed bed) => bed.Find("jobs", "smoke").At("status");

    private static string Job(string spec = "", string restartPolicy = "Never") =>
        $"{{apiVersion: batch/v1, kind: Job, metadata: {{name: smoke}}, spec: {{{spec} template: {{spec: {{restartPolicy: {restartPolicy}, containers: [{{name: check, image: example/check}}]}} }} }} }}";
}
