using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RolloutController.Control.Health;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Hosting.Page;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PageEndpointsTests
{
    private const string Operations = "/api/v1/rollouts/store/shop/operations";

    private readonly FakeKubernetesClient _api = new();
    private readonly FakeReport _report = new();
    private readonly Shop _shop = new(TimeProvider.System.GetUtcNow());

    [TestCase("/")]
    [TestCase("/api/v1/page")]
    [TestCase("/api/v1/rollouts")]
    [TestCase("/api/v1/rollouts/store/none")]
    [TestCase("/healthz")]
    [TestCase("/nothing")]
    public async Task Browsers_are_told_to_run_nothing_but_the_page(string path)
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);

        var answer = await host.Client.GetAsync(path);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.That(policy, Does.Contain("default-src 'none'").And.Contain("script-src 'self'").And.Contain("frame-ancestors 'none'").And.Not.Contain("unsafe"));
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        Assert.That(answer.Headers.GetValues("Referrer-Policy"), Is.EqualTo(new[] { "no-referrer" }));
    }

    [Test]
    public async Task The_page_loads_its_files_once_for_all()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions);
        var page = await host.Client.GetAsync("/");
        var text = await page.Content.ReadAsStringAsync();

        Assert.That(page.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/html; charset=utf-8"));
        Assert.That(text, Does.Contain($"/page/{PageAssets.Hash}/").And.Not.Contain("{{"));
        Assert.That((await host.Client.GetAsync($"/page/{PageAssets.Hash}/none.js")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await host.Client.GetAsync("/page/0123456789abcdef/app.js")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(page.Headers.ETag!);
        Assert.That((await host.Client.SendAsync(again)).StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
    }

    [Test]
    public async Task Off_it_is_not_there()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions with { Page = false });

        foreach (var path in new[] { "/", "/api/v1/page", "/api/v1/rollouts", "/api/v1/events" })
            Assert.That((await host.Client.GetAsync(path)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
    }

    [Test]
    public async Task Rollouts_can_be_read()
    {
        await using var host = await StartAsync();
        await using var stage = await ServeAsync(host);

        var list = await host.Client.GetFromJsonAsync<JsonNode>("/api/v1/rollouts");
        var text = await host.Client.GetStringAsync("/api/v1/rollouts/store/shop");
        var detail = JsonNode.Parse(text)!["rollout"]!;

        Assert.That((string?)list!["rollouts"]![0]!["name"], Is.EqualTo("shop"));
        Assert.That((string?)detail["summary"]!["phase"], Is.EqualTo("Progressing"));
        Assert.That(detail["revisions"]!.AsArray().Select(revision => (string?)revision!["role"]), Is.EqualTo(new[] { "Canary", "Stable" }));
        Assert.That(detail["revisions"]![0]!["pods"]!.AsArray(), Has.Count.EqualTo(3));
        Assert.That(text, Does.Not.Contain("hunter2"), "what pods are configured with is nobody's business");
        Assert.That((await host.Client.GetAsync("/api/v1/rollouts/store/none")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Not_ready_it_says_what_is_missing()
    {
        _report.ReadyChecks = [new HealthCheck("api", false, "No cluster is configured.")];
        await using var host = await StartAsync();

        var page = await host.Client.GetFromJsonAsync<JsonNode>("/api/v1/page");

        Assert.That((string?)page!["missing"]![0]!["message"], Is.EqualTo("No cluster is configured."));
    }

    [Test]
    public async Task With_problems_in_its_options_it_says_so_on_the_page()
    {
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions.WithProblem("No cluster is configured."));

        var page = await host.Client.GetFromJsonAsync<JsonNode>("/api/v1/page");

        Assert.That((string?)page!["missing"]![0]!["message"], Is.EqualTo("No cluster is configured."));
    }

    [Test]
    public async Task Without_actions_nothing_can_be_asked_for()
    {
        await using var host = await StartAsync();
        await using var stage = await ServeAsync(host);

        foreach (var path in new[] { Operations, "/api/v1/actions/ship" })
            Assert.That((await PostAsync(host, path, """{"verb":"Pause"}""")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        Assert.That((bool?)(await host.Client.GetFromJsonAsync<JsonNode>("/api/v1/page"))!["canAct"], Is.False);
        Assert.That(_api.CountOf("patch"), Is.Zero);
    }

    [TestCase("Promote", """{"id":"page-","verb":"Promote","revision":"c06ca5450c"}""")]
    [TestCase("abort", """{"id":"page-","verb":"Abort","revision":"c06ca5450c"}""")]
    [TestCase("retry", """{"id":"page-","verb":"Retry","revision":"c06ca5450c"}""")]
    public async Task An_operation_is_written_as_kubectl_users_write_it(string verb, string expected)
    {
        await using var host = await StartAsync(actions: true);
        await using var stage = await ServeAsync(host);

        var answer = await PostAsync(host, Operations, $$"""{"verb":"{{verb}}","revision":"c06ca5450c"}""");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        var written = _api.Find("rollouts", _shop.Key)!["spec"]!["operation"]!;
        Assert.That((string?)written["id"], Does.Match(@"^page-\d{8}T\d{6}\.\d{3}Z$"));
        written["id"] = "page-";
        Assert.That(written.ToJsonString(), Is.EqualTo(expected));
    }

    [TestCase("Pause", true)]
    [TestCase("Resume", false)]
    public async Task Pausing_needs_no_revision(string verb, bool paused)
    {
        await using var host = await StartAsync(actions: true);
        await using var stage = await ServeAsync(host);

        await PostAsync(host, Operations, $$"""{"verb":"{{verb}}"}""");

        Assert.That((bool?)_api.Find("rollouts", _shop.Key)!["spec"]!["paused"], Is.EqualTo(paused));
    }

    [TestCase("""{"verb":"Abort"}""", HttpStatusCode.Conflict)]
    [TestCase("""{"verb":"Drop"}""", HttpStatusCode.BadRequest)]
    [TestCase("""{"verb":"1"}""", HttpStatusCode.BadRequest)]
    [TestCase("{}", HttpStatusCode.BadRequest)]
    [TestCase("verb=Pause", HttpStatusCode.BadRequest)]
    [TestCase("", HttpStatusCode.BadRequest)]
    public async Task What_makes_no_sense_is_refused(string body, HttpStatusCode expected)
    {
        await using var host = await StartAsync(actions: true);
        await using var stage = await ServeAsync(host);

        Assert.That((await PostAsync(host, Operations, body)).StatusCode, Is.EqualTo(expected));
        Assert.That(_api.CountOf("patch"), Is.Zero);
    }

    [Test]
    public async Task Another_site_can_ask_for_nothing()
    {
        await using var host = await StartAsync(actions: true);
        await using var stage = await ServeAsync(host);
        using var request = Post(Operations, """{"verb":"Pause"}""");
        request.Headers.Add("Origin", "http://evil.example");

        Assert.That((await host.Client.SendAsync(request)).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(_api.CountOf("patch"), Is.Zero);
    }

    [Test]
    public async Task Whom_the_guard_refuses_can_ask_for_nothing()
    {
        await using var host = await StartAsync(actions: true, services => services.AddSingleton<IActionGuard, Nobody>());
        await using var stage = await ServeAsync(host);

        var answer = await PostAsync(host, Operations, """{"verb":"Pause"}""");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("Nobody may."));
    }

    [Test]
    public async Task An_operation_on_no_Rollout_is_refused()
    {
        await using var host = await StartAsync(actions: true);

        Assert.That((await PostAsync(host, Operations, """{"verb":"Pause"}""")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task What_the_API_refuses_is_passed_on()
    {
        await using var host = await StartAsync(actions: true);
        await using var stage = await ServeAsync(host);
        _api.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.Forbidden, message: "no right to patch");

        var answer = await PostAsync(host, Operations, """{"verb":"Pause"}""");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("no right to patch"));
    }

    [Test]
    public async Task Other_actions_are_run_by_name()
    {
        await using var host = await StartAsync(actions: true);

        Assert.That(await (await PostAsync(host, "/api/v1/actions/ship", "{}")).Content.ReadAsStringAsync(), Does.Contain("Shipped."));
        Assert.That((await PostAsync(host, "/api/v1/actions/sink", "{}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((string?)(await host.Client.GetFromJsonAsync<JsonNode>("/api/v1/page"))!["actions"]![0]!["label"], Is.EqualTo("Ship it"));
    }

    private static Task<HttpResponseMessage> PostAsync(RunningHost host, string path, string body) => host.Client.SendAsync(Post(path, body));

    private static HttpRequestMessage Post(string path, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, null, "application/json") };
        request.Headers.Add(ActionCheck.Header, "1");
        return request;
    }

    private Task<RunningHost> StartAsync(bool actions = false, Action<IServiceCollection>? addServices = null) => RunningHost.StartAsync(RunningHost.LocalOptions, services =>
    {
        services.AddSingleton<IHealthReport>(_report);
        if (actions)
            services.AddSingleton<IPageActions>(new RolloutActions(() => _api, TimeProvider.System, new PageAction("ship", "Ship it", "Ships.", _ => Task.FromResult(new ActionOutcome(true, "Shipped.")))));
        addServices?.Invoke(services);
    });

    private async Task<PageStage> ServeAsync(RunningHost host)
    {
        var stage = await PageStage.StartAsync(host.App.Services.GetRequiredService<RolloutFeed>(), _api);
        stage.Rollout(_shop.Judging(1, 1240, 3));
        stage.Revision(_shop.Key, Shop.Old, 1, "shop:1.0", 10, 10);
        stage.Revision(_shop.Key, Shop.New, 2, "shop:1.1", 3, 3);
        await Eventually.Holds(() => stage.Caches is { Rollouts.Count: 1, ReplicaSets.Count: 2, Pods.Count: 13 }, "all is known");
        return stage;
    }

    private sealed class Nobody : IActionGuard
    {
        public bool AsksForToken => false;

        public Task<ActionPermission> CheckAsync(HttpContext context, ObjectKey? rollout, CancellationToken cancellationToken) =>
            Task.FromResult(ActionPermission.Refused(StatusCodes.Status403Forbidden, "Nobody may."));
    }
}
