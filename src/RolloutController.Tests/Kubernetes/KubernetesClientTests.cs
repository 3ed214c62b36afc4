using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

[TestFixture]
public sealed class KubernetesClientTests
{
    private static readonly ObjectKey Key = new("shop", "web-1");

    private static JsonObject Body => new() { ["kind"] = "Pod", ["metadata"] = new JsonObject { ["name"] = "web-1" } };

    [Test]
    public async Task A_client_has_connections_that_no_other_delays()
    {
        var connections = new List<string>();
        await using var api = await TestApi.StartAsync(context =>
        {
            lock (connections)
                connections.Add(context.Connection.Id);
            return context.Json(Answers.Pod);
        });
        using var requests = api.Client();
        using var leases = api.Client(options: KubernetesClientOptions.ForLeases);
        foreach (var client in new[] { requests, leases, requests, leases })
            await client.GetAsync(KubernetesKinds.Pod, Key, default);
        Assert.That((connections[2], connections[3]), Is.EqualTo((connections[0], connections[1])), "a client keeps its own");
        Assert.That(connections[0], Is.Not.EqualTo(connections[1]));
    }

    [Test]
    public void A_renewal_that_hangs_is_given_up_before_the_deadline()
    {
        var election = new LeaderElectionOptions { Namespace = "shop", Name = "lease", Identity = "one" };
        Assert.That(KubernetesClientOptions.ForLeases.WriteTotalTimeout * 2, Is.LessThanOrEqualTo(election.RenewDeadline), "and there is time for another");
        Assert.That(KubernetesClientOptions.ForLeases.TotalTimeout, Is.LessThanOrEqualTo(KubernetesClientOptions.ForLeases.WriteTotalTimeout));
        Assert.That(KubernetesClientOptions.ForLeases.Retries, Is.Zero, "the elector's loop is the retry");
    }

    [Test]
    public async Task Requests_go_where_the_api_expects_them()
    {
        await using var api = await TestApi.StartAsync(context => context.Json(Answers.Pod));
        using var client = api.Client(c => c with { Server = new Uri(c.Server, "/clusters/one/") });
        var replicaSet = KubernetesKinds.ReplicaSet;

        await client.GetAsync(KubernetesKinds.Pod, Key, default);
        await client.CreateAsync(replicaSet, "shop", Body, default, dryRun: true);
        await client.PatchAsync(replicaSet, Key, Patch.Apply(Body), default);
        await client.PatchAsync(replicaSet, Key, Patch.Merge(Body), default, "status");
        await client.ReplaceAsync(replicaSet, Key, Body, default);
        await client.DeleteAsync(replicaSet, Key, "uid-1", default);

        Assert.That(api.Requests.Select(request => $"{request.Method} {request.Path}"), Is.EqualTo(new[]
        {
            "GET /clusters/one/api/v1/namespaces/shop/pods/web-1",
            "POST /clusters/one/apis/apps/v1/namespaces/shop/replicasets",
            "PATCH /clusters/one/apis/apps/v1/namespaces/shop/replicasets/web-1",
            "PATCH /clusters/one/apis/apps/v1/namespaces/shop/replicasets/web-1/status",
            "PUT /clusters/one/apis/apps/v1/namespaces/shop/replicasets/web-1",
            "DELETE /clusters/one/apis/apps/v1/namespaces/shop/replicasets/web-1",
        }));
        var writes = api.Requests.Skip(1).Take(4).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(writes.Select(request => (string?)request.Query["fieldManager"]), Is.All.EqualTo("rollout-controller"));
            Assert.That(writes.Select(request => (string?)request.Query["fieldValidation"]), Is.All.EqualTo("Strict"));
            Assert.That(writes.Select(request => (string?)request.Query["dryRun"]), Is.EqualTo(new[] { "All", null, null, null }));
            Assert.That(writes.Select(request => (string?)request.Query["force"]), Is.EqualTo(new[] { null, "true", null, null }));
            Assert.That(writes[1].Headers.ContentType.ToString(), Is.EqualTo("application/apply-patch+yaml"));
            Assert.That(JsonNode.Parse(api.Requests.Last().Body)!["preconditions"]!["uid"]!.GetValue<string>(), Is.EqualTo("uid-1"));
            Assert.That(api.Requests.First().Headers.UserAgent.ToString(), Does.StartWith("RolloutController/"));
        });
    }

    [TestCase("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"bad request with s3cret-token","reason":"BadRequest","code":400}""", 400)]
    [TestCase("<html>Authorization: Bearer s3cret-token</html>", 502)]
    public async Task A_token_that_comes_back_in_an_answer_is_left_out_of_the_message(string body, int status)
    {
        await using var api = await TestApi.StartAsync(context => context.Json(body, status));
        using var client = api.Client(c => c with { Credentials = new TokenCredentials(TextSource.Inline("s3cret-token")) }, new() { Retries = 0 });

        var failure = Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync(KubernetesKinds.Pod, Key, default))!;

        Assert.That(api.Requests.First().Headers.Authorization.ToString(), Is.EqualTo("Bearer s3cret-token"));
        Assert.That(failure.ToString(), Does.Contain("(redacted)").And.Not.Contain("s3cret"));
    }

    [Test]
    public async Task An_object_that_is_longer_than_any_can_be_is_not_read()
    {
        await using var api = await TestApi.StartAsync(context => context.Json($$$"""{"kind":"Pod","metadata":{"name":"{{{new string('x', ObjectStream.Cap)}}}"}}"""));
        using var client = api.Client();
        Assert.That(() => client.GetAsync(KubernetesKinds.Pod, Key, default), Throws.InstanceOf<JsonException>().With.Message.Contains("longer than 8 MiB"));
    }

    [TestCase("{}")]
    [TestCase("""{"status":"ok"}""")]
    [TestCase("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"another","namespace":"shop"}}""")]
    [TestCase("""{"kind":"Pod","apiVersion":"v1","metadata":null}""")]
    [TestCase("null")]
    public async Task JSON_of_something_else_is_no_object_without_anything(string json)
    {
        await using var api = await TestApi.StartAsync(context => context.Json(json));
        using var client = api.Client();
        Assert.That(() => client.GetAsync(KubernetesKinds.Pod, Key, default), Throws.InstanceOf<KubernetesAnswerException>().With.Message.Contains("cannot be read"));
        Assert.That(() => client.PatchAsync(KubernetesKinds.Pod, Key, Patch.Merge([]), default), Throws.InstanceOf<KubernetesAnswerException>());
    }

    [Test]
    public async Task Whom_we_act_as_is_told_with_every_request()
    {
        await using var api = await TestApi.StartAsync(context => context.Json(Answers.Pod));
        var impersonation = new Impersonation("jane", "42", ["dev", "ops"], new Dictionary<string, IReadOnlyList<string>> { ["a/b"] = ["x"] });
        using var client = api.Client(c => c with { Impersonation = impersonation });
        await client.GetAsync(KubernetesKinds.Pod, Key, default);
        var headers = api.Requests.Single().Headers;
        Assert.That((string?)headers["Impersonate-User"], Is.EqualTo("jane"));
        Assert.That((string?)headers["Impersonate-Uid"], Is.EqualTo("42"));
        Assert.That(string.Join(",", headers["Impersonate-Group"].SelectMany(value => value!.Split(", "))), Is.EqualTo("dev,ops"));
        Assert.That((string?)headers["Impersonate-Extra-a%2Fb"], Is.EqualTo("x"));
    }

    [Test]
    public async Task What_is_not_there_is_null()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(404, "NotFound", details: $$"""{"name": "{{Key.Name}}", "kind": "pods"}"""));
        using var client = api.Client();
        Assert.That(await client.GetAsync(KubernetesKinds.Pod, Key, default), Is.Null);
        Assert.That(await client.ServesAsync(KubernetesKinds.Pod, default), Is.False);
    }

    [Test]
    public async Task An_object_that_is_gone_is_no_error_to_delete()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(404, "NotFound", details: $$"""{"name": "{{Key.Name}}", "kind": "pods"}"""));
        using var client = api.Client();
        await client.DeleteAsync(KubernetesKinds.Pod, Key, "u", default);
    }

    [TestCase("{}")]
    [TestCase("""{"name": "another"}""")]
    public async Task What_is_not_served_is_not_taken_for_absent(string details)
    {
        await using var api = await TestApi.StartAsync(context => context.Status(404, "NotFound", details: details));
        using var client = api.Client();
        Assert.That(() => client.DeleteAsync(KubernetesKinds.Pod, Key, "u", default), Throws.InstanceOf<KubernetesApiException>());
        Assert.That(() => client.GetAsync(KubernetesKinds.Pod, Key, default), Throws.InstanceOf<KubernetesApiException>());
    }

    [Test]
    public async Task An_object_that_took_the_name_of_the_one_to_delete_stays()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(409, "Conflict"));
        using var client = api.Client();
        await client.DeleteAsync(KubernetesKinds.Pod, Key, "u", default);
        Assert.ThrowsAsync<KubernetesApiException>(() => client.DeleteAsync(KubernetesKinds.Pod, Key, null, default));
    }

    [Test]
    public async Task A_refusal_tells_all_that_the_api_told()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(422, "Invalid", "spec is wrong",
            """{"causes":[{"reason":"FieldValueInvalid","message":"must be positive","field":"spec.replicas"}]}"""));
        using var client = api.Client();
        var refusal = Assert.ThrowsAsync<KubernetesApiException>(() => client.CreateAsync(KubernetesKinds.Pod, "shop", Body, default))!;
        Assert.That(refusal.IsInvalid, Is.True);
        Assert.That(refusal.Reason, Is.EqualTo("Invalid"));
        Assert.That(refusal.Message, Does.Contain("spec is wrong").And.Contain("create /api/v1/namespaces/shop/pods"));
        Assert.That(refusal.Causes, Is.EqualTo(new[] { new StatusCause("spec.replicas", "must be positive") }));
    }

    [Test]
    public async Task A_refusal_that_is_no_status_is_capped_and_cleaned()
    {
        await using var api = await TestApi.StartAsync(context => context.Json("<html>\n" + new string('x', 100_000), 403));
        using var client = api.Client();
        var refusal = Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync(KubernetesKinds.Pod, Key, default))!;
        Assert.That(refusal.IsForbidden, Is.True);
        Assert.That(refusal.Message, Has.Length.LessThan(5000).And.Contain("<html> x"));
    }

    [Test]
    public async Task Lists_go_on_page_by_page_and_may_come_compressed()
    {
        await using var api = await TestApi.StartAsync(context => context.Request.Query["continue"] == "two"
            ? CompressedAsync(context, Page("b", "", "5"))
            : context.Json(Page("a", "two", "5")));
        using var client = api.Client();

        var list = await client.ListAsync(KubernetesKinds.Pod, "shop", new ListOptions("app=a,x in (b)", FieldSelector: "metadata.name=a"), default);

        Assert.That(list.Items.Select(pod => pod.Metadata.Name), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(list.ResourceVersion, Is.EqualTo("5"));
        Assert.That(api.Requests.Select(request => (string?)request.Query["limit"]), Is.All.EqualTo("500"));
        Assert.That(api.Requests.Select(request => (string?)request.Query["labelSelector"]), Is.All.EqualTo("app=a,x in (b)"));
        Assert.That(api.Requests.Select(request => (string?)request.Query["fieldSelector"]), Is.All.EqualTo("metadata.name=a"));
        Assert.That(api.Requests.First().Headers.AcceptEncoding.ToString(), Is.EqualTo("gzip"));
    }

    [Test]
    public async Task A_page_that_expired_leads_to_the_whole_list()
    {
        await using var api = await TestApi.StartAsync(context => (string?)context.Request.Query["continue"] switch
        {
            not null => context.Status(410, "Expired"),
            _ when context.Request.Query.ContainsKey("limit") => context.Json(Page("old", "two", "5")),
            _ => context.Json(Page("new", "", "9")),
        });
        using var client = api.Client();
        var list = await client.ListAsync(KubernetesKinds.Pod, null, new ListOptions(), default);
        Assert.That(list.Items.Single().Metadata.Name, Is.EqualTo("new"));
        Assert.That(list.ResourceVersion, Is.EqualTo("9"));
        Assert.That(api.Requests.Last().Path, Is.EqualTo("/api/v1/pods"));
    }

    [Test]
    public async Task A_list_from_a_version_on_is_not_paged_and_its_expiry_is_the_callers()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(410, "Expired"));
        using var client = api.Client();
        var refusal = Assert.ThrowsAsync<KubernetesApiException>(
            () => client.ListAsync(KubernetesKinds.Pod, null, new ListOptions(ResourceVersion: "7"), default))!;
        Assert.That(refusal.IsGone, Is.True);
        Assert.That(api.Requests.Single().Query.ContainsKey("limit"), Is.False);
        Assert.That((string?)api.Requests.Single().Query["resourceVersion"], Is.EqualTo("7"));
    }

    [Test]
    public async Task A_watch_gives_events_until_the_server_ends_it()
    {
        await using var api = await TestApi.StartAsync(context => context.Json($$"""{"type":"ADDED","object":{{Answers.Pod}}}""" + "\n"));
        using var client = api.Client();
        var events = await client.WatchAsync(KubernetesKinds.Pod, "shop", new WatchOptions("5", "app=a", TimeSpan.FromMinutes(5), "metadata.name=a"), default).ToListAsync();
        Assert.That(events.Single().Key, Is.EqualTo(Key));
        var query = api.Requests.Single().Query;
        Assert.That(new[] { "watch", "allowWatchBookmarks", "resourceVersion", "labelSelector", "fieldSelector", "timeoutSeconds" }.Select(name => (string?)query[name]),
            Is.EqualTo(new[] { "true", "true", "5", "app=a", "metadata.name=a", "300" }));
        Assert.That(api.Requests.Single().Headers.AcceptEncoding, Is.Empty, "a compressed watch would be held back");
    }

    [Test]
    public async Task A_watch_that_the_server_does_not_end_is_taken_for_dead()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        await using var api = await TestApi.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = api.Client(options: new() { RequestTimeout = TimeSpan.FromHours(1) }, time: time);
        var watching = client.WatchAsync(KubernetesKinds.Pod, "shop", new WatchOptions("5", null, TimeSpan.FromMinutes(5)), default).ToListAsync();
        await Until.TrueAsync(() => !api.Requests.IsEmpty);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.That(watching.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.That(async () => await watching, Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public async Task A_cancelled_watch_ends_as_cancelled()
    {
        await using var api = await TestApi.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = api.Client();
        using var stop = new CancellationTokenSource();
        var watching = client.WatchAsync(KubernetesKinds.Pod, "shop", new WatchOptions("5", null, TimeSpan.FromMinutes(5)), stop.Token).ToListAsync();
        await Until.TrueAsync(() => !api.Requests.IsEmpty);
        await stop.CancelAsync();
        Assert.That(async () => await watching, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_kind_is_served_when_discovery_lists_its_plural()
    {
        await using var api = await TestApi.StartAsync(context =>
            context.Json("""{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[{"name":"replicasets"},{"name":"replicasets/status"}]}"""));
        using var client = api.Client();
        Assert.That(await client.ServesAsync(KubernetesKinds.ReplicaSet, default), Is.True);
        Assert.That(await client.ServesAsync(KubernetesKinds.Deployment, default), Is.False);
        Assert.That(api.Requests.First().Path, Is.EqualTo("/apis/apps/v1"));
    }

    [Test]
    public async Task A_warning_is_logged_once()
    {
        await using var api = await TestApi.StartAsync(context =>
        {
            context.Response.Headers.Warning = "299 - \"v1beta1 is deprecated\"";
            return context.Json(Answers.Pod);
        });
        using var log = new ListLoggerFactory();
        using var client = new KubernetesClient(new KubernetesConfiguration { Server = api.Address },
            logger: new Microsoft.Extensions.Logging.Logger<KubernetesClient>(log));
        await client.GetAsync(KubernetesKinds.Pod, Key, default);
        await client.GetAsync(KubernetesKinds.Pod, Key, default);
        Assert.That(log.Lines, Has.One.Contains("v1beta1 is deprecated"));
    }

    [Test]
    public async Task Requests_are_counted_by_code_method_and_kind()
    {
        var counted = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "RolloutController.Kubernetes")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (counted)
                counted.Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))} {value}");
        });
        listener.Start();
        await using var api = await TestApi.StartAsync(context => context.Status(404, "NotFound", details: $$"""{"name": "{{Key.Name}}", "kind": "leases"}"""));
        using var client = api.Client();

        await client.GetAsync(KubernetesKinds.Lease, Key, default);

        Assert.That(counted, Does.Contain("rest_client_requests_total code=404 method=GET kind=leases 1"));
    }

    private static string Page(string name, string next, string version) =>
        $$$"""{"metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}"},"items":[{"metadata":{"name":"{{{name}}}"}}]}""";

    private static async Task CompressedAsync(HttpContext context, string json)
    {
        context.Response.StatusCode = (int)HttpStatusCode.OK;
        context.Response.Headers.ContentEncoding = "gzip";
        await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await zip.WriteAsync(Encoding.UTF8.GetBytes(json));
    }
}
