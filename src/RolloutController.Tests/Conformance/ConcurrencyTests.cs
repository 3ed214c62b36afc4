using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Writers that do not know of each other.</summary>
internal sealed class ConcurrencyTests : ConformanceTest
{
    private const string NoUid = "11111111-1111-1111-1111-111111111111";

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Update_of_an_older_version_is_refused(Subject subject)
    {
        var older = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        var newer = (await PatchAsync(path, subject.Change)).Is(200);

        older["metadata"]!["labels"] = new JsonObject { ["late"] = "yes" };
        var refused = (await PutAsync(path, older)).Refuses(409, "Conflict").Object;
        Assert.That(refused.Text("message"), Does.Contain("the object has been modified"));
        Assert.That(refused.Text("details.name"), Is.EqualTo("shop"));
        Assert.That((await GetAsync(path)).Version, Is.EqualTo(newer.Version));

        var next = newer.Object;
        next["metadata"]!["labels"] = new JsonObject { ["late"] = "yes" };
        var written = (await PutAsync(path, next)).Is(200);
        Assert.That(long.Parse(written.Version), Is.GreaterThan(long.Parse(newer.Version)));
        Assert.That(written.Object.Label("late"), Is.EqualTo("yes"));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Patch_of_an_older_version_is_refused(Subject subject)
    {
        var older = (await CreateAsync(subject)).Text("metadata.resourceVersion")!;
        var path = subject.Path(Namespace, "shop");
        var newer = (await PatchAsync(path, subject.Change)).Is(200).Version;

        (await PatchAsync(path, Labelling(older))).Refuses(409, "Conflict");
        (await PatchAsync(path, $$"""[{"op": "replace", "path": "/metadata/resourceVersion", "value": "{{older}}"}, {"op": "add", "path": "/metadata/labels", "value": {"late": "yes"} }]""", JsonPatch))
            .Refuses(409, "Conflict");
        if (!subject.CountsGenerations)
            (await PatchAsync(path, Labelling(older), Strategic)).Refuses(409, "Conflict");
        (await ApplyAsAsync("late", path, subject.Written("shop", $"{{resourceVersion: \"{older}\", labels: {{late: \"yes\"}} }}"), force: true)).Refuses(409, "Conflict");
        Assert.That((await GetAsync(path)).Version, Is.EqualTo(newer));

        var written = (await PatchAsync(path, Labelling(newer))).Is(200);
        Assert.That(written.Object.Label("late"), Is.EqualTo("yes"));

        static string Labelling(string version) => $"{{metadata: {{resourceVersion: \"{version}\", labels: {{late: \"yes\"}} }} }}";
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.WithStatus))]
    public async Task Status_of_an_older_version_is_refused(Subject subject)
    {
        var older = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        (await PatchAsync(path, subject.Change)).Is(200);

        var report = Yaml.Parse(subject.Status!);
        older["status"] = report["status"]!.DeepClone();
        (await PutAsync($"{path}/status", older)).Refuses(409, "Conflict");
        report["metadata"] = new JsonObject { ["resourceVersion"] = older.Text("metadata.resourceVersion") };
        (await PatchAsync($"{path}/status", report.ToJsonString())).Refuses(409, "Conflict");
        (await PatchAsync($"{path}/status", subject.Status!)).Is(200);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Write_is_refused_when_it_is_meant_for_another_object_of_that_name(Subject subject)
    {
        var made = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");

        (await PatchAsync(path, $"{{metadata: {{uid: {NoUid}, labels: {{late: \"yes\"}} }} }}")).Refuses(422, "Invalid");
        made["metadata"]!["uid"] = NoUid;
        made["metadata"]!["labels"] = new JsonObject { ["late"] = "yes" };
        // Kubernetes 1.20 answers for Services with 422.
        Assert.That((await PutAsync(path, made)).Code, subject == Subject.Service ? Is.EqualTo(422).Or.EqualTo(409) : Is.EqualTo(409));
        Assert.That((await GetAsync(path)).Object.Label("late"), Is.Null);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Failed_test_of_a_JSON_patch_changes_nothing(Subject subject)
    {
        var made = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        (await PatchAsync(path, """[{"op": "add", "path": "/metadata/labels", "value": {"late": "yes"}}, {"op": "test", "path": "/metadata/name", "value": "other"}]""", JsonPatch))
            .Refuses(422, "Invalid");
        Assert.That((await GetAsync(path)).Version, Is.EqualTo(made.Text("metadata.resourceVersion")));
        (await PatchAsync(path, $$"""[{"op": "test", "path": "/metadata/resourceVersion", "value": "{{made.Text("metadata.resourceVersion")}}"}, {"op": "add", "path": "/metadata/labels", "value": {"on": "time"} }]""", JsonPatch))
            .Is(200);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Write_that_changes_nothing_makes_no_version(Subject subject)
    {
        await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        var changed = (await PatchAsync(path, subject.Change)).Is(200);

        Assert.That((await PatchAsync(path, subject.Change)).Is(200).Version, Is.EqualTo(changed.Version), "by merge patch");
        Assert.That((await PatchAsync(path, "{}")).Is(200).Version, Is.EqualTo(changed.Version), "by an empty patch");
        Assert.That((await PatchAsync(path, "[]", JsonPatch)).Is(200).Version, Is.EqualTo(changed.Version), "by JSON patch");
        Assert.That((await PutAsync(path, changed.Object)).Is(200).Version, Is.EqualTo(changed.Version), "by update");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.WithStatus))]
    public async Task Status_that_changes_nothing_makes_no_version(Subject subject)
    {
        await CreateAsync(subject);
        var path = $"{subject.Path(Namespace, "shop")}/status";
        var changed = (await PatchAsync(path, subject.Status!)).Is(200);
        Assert.That((await PatchAsync(path, subject.Status!)).Is(200).Version, Is.EqualTo(changed.Version), "by merge patch");
        Assert.That((await PutAsync(path, changed.Object)).Is(200).Version, Is.EqualTo(changed.Version), "by update");
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Update_without_a_version_is_for_some_kinds_alone(Subject subject)
    {
        var made = await CreateAsync(subject);
        made["metadata"]!.AsObject().Remove("resourceVersion");
        var answer = await PutAsync(subject.Path(Namespace, "shop"), made);
        if (subject == Subject.Lease || subject.CountsGenerations)
            answer.Refuses(422, "Invalid");
        else if (subject != Subject.Service) // Kubernetes fills in the cluster IP since 1.20, and asked for the version before.
            answer.Is(200);
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Dry_run_of_a_write_judges_and_stores_nothing(Subject subject)
    {
        var made = await CreateAsync(subject);
        var path = subject.Path(Namespace, "shop");
        var asked = (await PatchAsync($"{path}?dryRun=All", subject.Change)).Is(200).Object;
        Assert.That(asked.Text(subject.Changed), Is.Not.EqualTo(made.Text(subject.Changed)));
        (await DeleteAsync($"{path}?dryRun=All")).Is(200);
        Assert.That((await GetAsync(path)).Is(200).Version, Is.EqualTo(made.Text("metadata.resourceVersion")));
    }

    [TestCaseSource(typeof(Subject), nameof(Subject.All))]
    public async Task Name_of_an_object_is_that_of_its_path(Subject subject)
    {
        var made = await CreateAsync(subject);
        made["metadata"]!["name"] = "other";
        (await PutAsync(subject.Path(Namespace, "shop"), made)).Refuses(400, "BadRequest");
    }
}
