using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Jobs, as somebody sees them who creates one, waits for it and deletes it.</summary>
internal sealed class JobTests : ConformanceTest
{
    private const string Never = "restartPolicy: Never";

    private string Path => ClusterPath.Jobs(Namespace, "smoke");

    [Test]
    public async Task Job_gets_its_defaults_and_the_labels_of_its_pods()
    {
        var job = await CreateAsync(Job());
        Assert.That((job.Number("spec.parallelism"), job.Number("spec.completions"), job.Number("spec.backoffLimit")), Is.EqualTo((1, 1, 6)));
        Assert.That(job.At("spec.activeDeadlineSeconds"), Is.Null);
        Assert.That(job.At("spec.ttlSecondsAfterFinished"), Is.Null);
        Assert.That((job.At("spec.template.spec") as JsonObject)!.Select(field => field.Key), Is.EqualTo(
            ["containers", "restartPolicy", "terminationGracePeriodSeconds", "dnsPolicy", "securityContext", "schedulerName"]));

        var template = job.At("spec.template");
        Assert.That((template.Label("app"), template.Label("job-name"), template.Label("controller-uid")), Is.EqualTo(("shop", "smoke", job.Uid())));
        var selector = (JsonObject)job.At("spec.selector.matchLabels")!;
        Assert.That(selector.Single().Value!.ToString(), Is.EqualTo(job.Uid()));
        Assert.That(selector.Selects(template!), Is.True);
        Assert.That(job.Label("job-name"), Is.EqualTo("smoke"), "a Job without labels has those of its pods");
        var pod = (await PodsAsync(1)).Single();
        Assert.That((pod.Text("metadata.generateName"), pod.Label("job-name"), pod.Text("metadata.ownerReferences.0.kind")), Is.EqualTo(("smoke-", "smoke", "Job")));
        Assert.That(pod.Flag("metadata.ownerReferences.0.controller"), Is.True);
    }

    [TestCase("", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [TestCase("restartPolicy: Always", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    public async Task Pods_may_not_be_started_anew_for_ever(string pod, string message) =>
        Assert.That((await PostAsync(ClusterPath.Jobs(Namespace), Job(pod: pod))).Refuses(422, "Invalid").Object.Text("message"), Is.EqualTo($"Job.batch \"smoke\" is invalid: {message}"));

    [TestCase("parallelism")]
    [TestCase("completions")]
    [TestCase("activeDeadlineSeconds")]
    [TestCase("backoffLimit")]
    public async Task Numbers_may_not_be_negative(string field) => Assert.That(
        (await PostAsync(ClusterPath.Jobs(Namespace), Job($"{field}: -1"))).Refuses(422, "Invalid").Object.Text("message"),
        Is.EqualTo($"Job.batch \"smoke\" is invalid: spec.{field}: Invalid value: -1: must be greater than or equal to 0"));

    [Test]
    public async Task Pods_of_another_cannot_be_selected()
    {
        var labels = (await PostAsync(ClusterPath.Jobs(Namespace), Job().Replace("app: shop", "job-name: other", StringComparison.Ordinal))).Refuses(422, "Invalid").Object;
        Assert.That(labels.Each("details.causes").Select(cause => cause.Text("field")), Has.Member("spec.template.metadata.labels[job-name]"));
        var selector = (await PostAsync(ClusterPath.Jobs(Namespace), Job("selector: {matchLabels: {app: other} }"))).Refuses(422, "Invalid").Object;
        Assert.That(selector.Each("details.causes").Select(cause => cause.Text("field")), Is.EqualTo(["spec.selector", "spec.template.metadata.labels"]));
        (await PostAsync(ClusterPath.Jobs(Namespace), Job("manualSelector: true"))).Refuses(422, "Invalid");
        (await PostAsync(ClusterPath.Jobs(Namespace), Job("manualSelector: true, selector: {matchLabels: {app: shop} }"))).Is(201);
        (await PostAsync(ClusterPath.Jobs(Namespace), Job().Replace("name: smoke", $"name: {new string('a', 64)}", StringComparison.Ordinal))).Refuses(422, "Invalid");
    }

    [TestCase("{spec: {template: {spec: {terminationGracePeriodSeconds: 5} } } }", "spec.template")]
    [TestCase("{spec: {completions: 2} }", "spec.completions")]
    [TestCase("{spec: {selector: {matchLabels: {app: shop} } } }", "spec.selector")]
    public async Task What_runs_cannot_be_changed(string patch, string field)
    {
        await CreateAsync(Job());
        var causes = (await PatchAsync(Path, patch)).Refuses(422, "Invalid").Object.Each("details.causes").Last();
        Assert.That((causes.Text("field"), causes.Text("reason")), Is.EqualTo((field, "FieldValueInvalid")));
        Assert.That(causes.Text("message"), Does.EndWith(": field is immutable"));
        (await PatchAsync(Path, "{spec: {backoffLimit: 2, activeDeadlineSeconds: 600, parallelism: 0} }")).Is(200);
    }

    [Test]
    public async Task Job_is_complete_when_its_pod_has_succeeded()
    {
        await CreateAsync(Job());
        var pod = (await PodsAsync(1)).Single();
        var active = await UntilAsync(Path, job => job.Number("status.active") == 1, "an active pod");
        Assert.That(active.Text("status.startTime"), Is.Not.Null);

        await EndAsync(pod, "Succeeded");

        var done = await UntilAsync(Path, job => job.Is("Complete"), "the Job");
        Assert.That((done.Number("status.active"), done.Number("status.succeeded"), done.Number("status.failed")), Is.EqualTo((0, 1, 0)));
        Assert.That(done.Text("status.completionTime"), Is.Not.Null);
        Assert.That((await PodsAsync(1)).Single().Uid(), Is.EqualTo(pod.Uid()), "the pod stays");
    }

    [Test]
    public async Task Job_has_failed_when_too_many_of_its_pods_have()
    {
        await CreateAsync(Job("backoffLimit: 0"));
        await EndAsync((await PodsAsync(1)).Single(), "Failed");
        var done = await UntilAsync(Path, job => job.Is("Failed"), "the Job");
        Assert.That(done.Condition("Failed").Text("reason"), Is.EqualTo("BackoffLimitExceeded"));
        Assert.That((done.Number("status.failed"), done.Number("status.active"), done.At("status.completionTime")), Is.EqualTo((1, 0, (JsonNode?)null)));
    }

    [Test]
    public async Task Job_that_is_too_late_has_failed_and_its_pods_go()
    {
        await CreateAsync(Job("activeDeadlineSeconds: 4"));
        await PodsAsync(1);
        await UntilAsync(Path, job => job.Number("status.active") == 1, "an active pod");
        // The controller of 1.20 may look just before the deadline, where it began twice, and not again before the Job changes; so it changes every second.
        var done = await WaitFor.StateAsync(
            async _ => (await PatchAsync(Path, $"{{metadata: {{annotations: {{looked: 'at {TimeProvider.System.GetUtcNow().Second}'}} }} }}")).Is(200).Object,
            job => job.Is("Failed"), TimeSpan.FromSeconds(30), "the Job", Cancellation);
        // How many pods failed is not asked: the controller of 1.20 looks again when the pod goes, and where its cache lacks its own first write
        // it counts anew, without that pod, and writes over it.
        Assert.That((done.Condition("Failed").Text("reason"), done.Number("status.active")), Is.EqualTo(("DeadlineExceeded", 0)));
        await PodsAsync(0);
    }

    [TestCase("Background")]
    [TestCase("Foreground")]
    public async Task Pods_go_with_their_Job_where_that_is_asked_for(string policy)
    {
        await CreateAsync(Job());
        await PodsAsync(1);
        (await DeleteAsync($"{Path}?propagationPolicy={policy}")).Is(200);
        await PodsAsync(0);
        await UntilAllAsync(ClusterPath.Jobs(Namespace), all => all.Count == 0, "the Job to go");
    }

    [Test]
    public async Task Pods_stay_where_nobody_asks_for_anything()
    {
        await CreateAsync(Job());
        await PodsAsync(1);
        // A garbage collector that has not seen the pod yet leaves its owner in, and deletes it afterwards.
        await UntilAsync(Path, job => job.Number("status.active") == 1, "an active pod");
        (await DeleteAsync(Path)).Is(200);
        await UntilAllAsync(ClusterPath.Jobs(Namespace), all => all.Count == 0, "the Job to go");
        var left = (await PodsAsync(1)).Single();
        Assert.That(left.Each("metadata.ownerReferences"), Is.Empty, "batch/v1 orphans by default");
    }

    private Task<IReadOnlyList<JsonObject>> PodsAsync(int count) => UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Count == count, $"{count} pods");

    private async Task EndAsync(JsonObject pod, string phase) => (await PatchAsync($"{ClusterPath.Pods(Namespace, pod.Name())}/status", $"{{status: {{phase: {phase}}} }}")).Is(200);

    private static string Job(string spec = "", string pod = Never) =>
        $"{{apiVersion: batch/v1, kind: Job, metadata: {{name: smoke}}, spec: {{{Member(spec)}template: {{metadata: {{labels: {{app: shop}} }}, spec: {{{Member(pod)}containers: [{{name: check, image: example/check}}] }} }} }} }}";

    private static string Member(string text) => text.Length == 0 ? "" : $"{text}, ";
}
