using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Transport;

[TestFixture]
public sealed class RetryTests
{
    private static readonly ObjectKey Key = new("shop", "web-1");
    private static readonly JsonObject Body = new() { ["metadata"] = new JsonObject { ["name"] = "web-1" } };

    [Test]
    public async Task Retry_after_is_waited_for()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        var answered = 0;
        await using var api = await TestApi.StartAsync(context =>
        {
            if (Interlocked.Increment(ref answered) > 1)
                return context.Json(Answers.Pod, 201);
            context.Response.Headers.RetryAfter = "4";
            return context.Status(429, "TooManyRequests");
        });
        using var client = api.Client(options: new() { WriteTimeout = TimeSpan.FromMinutes(1), WriteTotalTimeout = TimeSpan.FromMinutes(1) }, time: time);

        var creating = client.CreateAsync(KubernetesKinds.Pod, "shop", Body, default);
        await Until.TrueAsync(() => api.Requests.Count == 1);
        var waited = TimeSpan.Zero;
        await Until.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            waited += TimeSpan.FromMilliseconds(100);
            return creating.IsCompleted;
        });

        await creating;
        Assert.That(api.Requests, Has.Count.EqualTo(2));
        Assert.That(waited, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public async Task Who_is_to_wait_longer_than_it_may_take_is_told_at_once()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(429, "TooManyRequests", details: """{"retryAfterSeconds":120}"""));
        using var client = api.Client();
        var refusal = Assert.ThrowsAsync<KubernetesApiException>(() => client.GetAsync(KubernetesKinds.Pod, Key, default));
        Assert.That(refusal!.RetryAfter, Is.EqualTo(TimeSpan.FromMinutes(2)));
        Assert.That(api.Requests, Has.Count.EqualTo(1));
    }

    [TestCase(500, 1)]
    [TestCase(502, 1)]
    [TestCase(503, 1)]
    [TestCase(504, 1)]
    [TestCase(429, 1)]
    public Task A_create_that_may_have_taken_effect_is_not_repeated(int code, int requests) =>
        AssertRequestsAsync(code, requests, client => client.CreateAsync(KubernetesKinds.Pod, "shop", Body, default));

    [TestCase(500, 4)]
    [TestCase(502, 4)]
    [TestCase(409, 1)]
    [TestCase(422, 1)]
    public Task A_dry_run_is_repeated_as_a_read(int code, int requests) =>
        AssertRequestsAsync(code, requests, client => client.CreateAsync(KubernetesKinds.Pod, "shop", Body, default, dryRun: true));

    [TestCase(500, 1)]
    [TestCase(502, 4)]
    [TestCase(504, 4)]
    [TestCase(409, 1)]
    public Task A_merge_patch_is_repeated_after_a_gateway_failed(int code, int requests) =>
        AssertRequestsAsync(code, requests, client => client.PatchAsync(KubernetesKinds.Pod, Key, Patch.Merge(Body), default));

    [TestCase(502, 1)]
    public Task A_json_patch_is_not_repeated(int code, int requests) =>
        AssertRequestsAsync(code, requests, client => client.PatchAsync(KubernetesKinds.Pod, Key, Patch.Json([]), default));

    [Test]
    public async Task A_replacement_is_repeated_only_when_it_names_its_version()
    {
        await AssertRequestsAsync(504, 1, client => client.ReplaceAsync(KubernetesKinds.Pod, Key, Body, default));
        var conditional = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = "7" } };
        await AssertRequestsAsync(504, 4, client => client.ReplaceAsync(KubernetesKinds.Pod, Key, conditional, default));
    }

    [Test]
    public async Task A_deletion_is_repeated_only_when_it_names_the_uid()
    {
        await AssertRequestsAsync(504, 1, client => client.DeleteAsync(KubernetesKinds.Pod, Key, null, default));
        await AssertRequestsAsync(504, 4, client => client.DeleteAsync(KubernetesKinds.Pod, Key, "u", default));
    }

    [Test]
    public async Task An_answer_that_breaks_off_is_asked_for_again_but_not_created_again()
    {
        await using var api = await TestApi.StartAsync(async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = api.Client();

        Assert.That(async () => await client.CreateAsync(KubernetesKinds.Pod, "shop", Body, default), Throws.InstanceOf<IOException>().Or.InstanceOf<HttpRequestException>());
        Assert.That(api.Requests, Has.Count.EqualTo(1));
        Assert.That(async () => await client.GetAsync(KubernetesKinds.Pod, Key, default), Throws.InstanceOf<IOException>().Or.InstanceOf<HttpRequestException>());
        Assert.That(api.Requests, Has.Count.EqualTo(5));
    }

    [Test]
    public async Task A_write_is_waited_for_as_long_as_an_admission_webhook_may_take([Values] bool dryRun)
    {
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        var webhook = new TaskCompletionSource();
        await using var api = await TestApi.StartAsync(async context =>
        {
            await webhook.Task.WaitAsync(context.RequestAborted);
            await context.Json(Answers.Pod);
        });
        using var client = api.Client(options: new() { Retries = 0 }, time: time);

        var writing = client.PatchAsync(KubernetesKinds.Pod, Key, Patch.Merge(Body) with { DryRun = dryRun }, default);
        await Until.TrueAsync(() => api.Requests.Count == 1);
        time.Advance(TimeSpan.FromSeconds(30));
        webhook.SetResult();

        await writing;
        Assert.That(api.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_time_limit_covers_the_body()
    {
        await using var api = await TestApi.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        using var client = api.Client(options: new() { Retries = 0, RequestTimeout = TimeSpan.FromMilliseconds(100) });
        Assert.That(async () => await client.GetAsync(KubernetesKinds.Pod, Key, default), Throws.TypeOf<TimeoutException>().With.Message.Contains("pods/web-1"));
    }

    [Test]
    public async Task A_guard_is_asked_before_each_try_of_a_write_and_never_before_a_read()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(504, "Test"));
        using var client = api.Client();
        var asked = 0;
        var guarded = client.Guarded(() =>
        {
            if (++asked > 2)
                throw new InvalidOperationException("deposed");
        });

        Assert.That(async () => await guarded.PatchAsync(KubernetesKinds.Pod, Key, Patch.Merge(Body), default), Throws.InvalidOperationException.With.Message.EqualTo("deposed"));
        Assert.That(api.Requests, Has.Count.EqualTo(2), "the third try is held back");
        Assert.That(async () => await guarded.CreateAsync(KubernetesKinds.Pod, "shop", Body, default), Throws.InvalidOperationException);
        Assert.That(async () => await guarded.ReplaceAsync(KubernetesKinds.Pod, Key, Body, default), Throws.InvalidOperationException);
        Assert.That(async () => await guarded.DeleteAsync(KubernetesKinds.Pod, Key, "u", default), Throws.InvalidOperationException);
        Assert.That((api.Requests.Count, asked), Is.EqualTo((2, 6)));
        Assert.That(async () => await guarded.GetAsync(KubernetesKinds.Pod, Key, default), Throws.TypeOf<KubernetesApiException>());
        Assert.That((api.Requests.Count, asked), Is.EqualTo((6, 6)));
    }

    [Test]
    public async Task A_deletion_of_a_version_that_is_no_more_is_a_conflict()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(409, "Conflict"));
        using var client = api.Client();
        Assert.That(async () => await client.DeleteAsync(KubernetesKinds.Pod, Key, "u", default, "7"), Throws.TypeOf<KubernetesApiException>().With.Property("IsConflict").True);
        Assert.That(JsonNode.Parse(api.Requests.First().Body)!["preconditions"]!.ToJsonString(), Is.EqualTo("""{"uid":"u","resourceVersion":"7"}"""));
        await client.DeleteAsync(KubernetesKinds.Pod, Key, "u", default);
    }

    [Test]
    public void A_refused_connection_is_tried_again_even_for_a_create()
    {
        var refused = new HttpRequestException(HttpRequestError.ConnectionError);
        Assert.That(RequestPipelines.MayRepeat(refused, RequestSafety.Once, TimeSpan.FromSeconds(15)), Is.True);
        var untrusted = new HttpRequestException(HttpRequestError.SecureConnectionError);
        Assert.That(RequestPipelines.MayRepeat(untrusted, RequestSafety.Read, TimeSpan.FromSeconds(15)), Is.False);
    }

    private static async Task AssertRequestsAsync(int code, int requests, Func<KubernetesClient, Task> send)
    {
        await using var api = await TestApi.StartAsync(context => context.Status(code, "Test"));
        using var client = api.Client();
        Assert.That(async () => await send(client), Throws.TypeOf<KubernetesApiException>().With.Property("StatusCode").EqualTo((HttpStatusCode)code));
        Assert.That(api.Requests, Has.Count.EqualTo(requests), $"{code}");
    }
}
