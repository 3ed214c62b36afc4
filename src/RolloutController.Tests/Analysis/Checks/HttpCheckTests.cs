using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Checks;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis.Checks;

/// <summary>Probes over the network, of servers at loopback addresses that play the pods.</summary>
public sealed class HttpCheckTests
{
    private readonly HttpMessageInvoker _transport = new(PodConnection.Open());
    private readonly List<WebApplication> _servers = [];

    [OneTimeTearDown]
    public void Close() => _transport.Dispose();

    [TearDown]
    public async Task StopAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _servers.Clear();
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Every_pod_is_asked_and_the_worst_answer_counts(CancellationToken cancellation)
    {
        var good = await PodAsync("good", context => context.Response.StatusCode = 200);
        var bad = await PodAsync("bad", context => context.Response.StatusCode = context.Request.Path == "/readyz" ? 503 : 200);

        Assert.That(await LookAsync(new() { Path = "/readyz" }, [good, bad], cancellation), Is.InstanceOf<CheckLook.Failed>().With.Message.EqualTo("pod bad answers 503 (/readyz)"));
        Assert.That(await LookAsync(new() { Path = "/readyz" }, [good], cancellation), Is.InstanceOf<CheckLook.Passed>());
        Assert.That(await LookAsync(new() { Path = "/healthz" }, [good, bad], cancellation), Is.InstanceOf<CheckLook.Passed>());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task The_highest_value_is_measured_beside_the_stable_versions(CancellationToken cancellation)
    {
        var one = await PodAsync("one", context => context.Response.WriteAsync("""{"memory": 70.5}""", cancellation));
        var two = await PodAsync("two", context => context.Response.WriteAsync("""{"memory": 80}""", cancellation));
        var old = await PodAsync("old", context => context.Response.WriteAsync("""{"memory": 60}""", cancellation));

        var look = (CheckLook.Measured)await Check(new() { Value = "/memory" }, [one, two], [old], compares: true).LookAsync(cancellation);

        Assert.That((look.Value, look.Stable, look.Message), Is.EqualTo((80.0, 60.0, "/memory is 80 in pod two, 60 in the stable version")));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Headers_are_sent_and_a_secret_is_read_for_each_look(CancellationToken cancellation)
    {
        var keys = new Queue<string>(["first\n", "second"]);
        var pod = await PodAsync("pod", context => context.Response.StatusCode = context.Request.Headers["X-Health-Key"] == "second" && context.Request.Headers["X-Request-ID"].Count == 1 ? 200 : 401);
        var check = new HttpCheck(
            new() { Headers = [new() { Name = "X-Health-Key", SecretKeyRef = new() { Name = "shop", Key = "health" } }] },
            () => [pod], () => [], compares: false, (_, _) => Task.FromResult(keys.Dequeue()), _transport, TimeProvider.System);

        Assert.That(await check.LookAsync(cancellation), Is.InstanceOf<CheckLook.Failed>().With.Message.EqualTo("pod pod answers 401 (/)"));
        Assert.That(await check.LookAsync(cancellation), Is.InstanceOf<CheckLook.Passed>());
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_secret_of_several_lines_is_refused_without_repeating_it(CancellationToken cancellation)
    {
        var pod = new PodTarget("pod", IPAddress.Loopback, 1);
        var check = new HttpCheck(
            new() { Headers = [new() { Name = "X-Health-Key", SecretKeyRef = new() }] },
            () => [pod], () => [], compares: false, (_, _) => Task.FromResult("hidden\r\nX-Other: 1"), _transport, TimeProvider.System);

        var look = (CheckLook.Unknown)await check.LookAsync(cancellation);

        Assert.That(look.Class, Is.EqualTo(DataClass.ConfigError));
        Assert.That(look.Message, Does.Contain("X-Health-Key").And.Not.Contain("hidden"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_late_answer_is_a_failure(CancellationToken cancellation)
    {
        var pod = await PodAsync("pod", async context => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        var look = await LookAsync(new() { MaxLatency = TimeSpan.FromMilliseconds(50) }, [pod], cancellation);
        Assert.That(look, Is.InstanceOf<CheckLook.Failed>().With.Message.EqualTo("pod pod takes longer than 50ms (/)"));
    }

    [TestCase(64 * 1024 - 2, "does not have /a in its JSON")]
    [TestCase(64 * 1024 - 1, "answers with more than is read (64 KiB)")]
    [CancelAfter(30_000)]
    public async Task No_more_of_a_body_is_read_than_any_honest_one_has(int spaces, string wrong, CancellationToken cancellation)
    {
        var pod = await PodAsync("pod", context => context.Response.WriteAsync($"{{{new string(' ', spaces)}}}", cancellation));
        Assert.That((await LookAsync(new() { ExpectJson = [new() { Pointer = "/a" }] }, [pod], cancellation)).Message, Is.EqualTo($"pod pod {wrong} (/)"));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_redirect_is_not_followed(CancellationToken cancellation)
    {
        var elsewhere = 0;
        var other = await PodAsync("other", _ => elsewhere++);
        var pod = await PodAsync("pod", context => context.Response.Redirect($"http://{other.Authority}/"));
        Assert.That(await LookAsync(new(), [pod], cancellation), Is.InstanceOf<CheckLook.Failed>().With.Message.EqualTo("pod pod answers 302 (/)"));
        Assert.That(elsewhere, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_version_that_cannot_be_reached_fails_unless_nobody_can(CancellationToken cancellation)
    {
        var down = new PodTarget("down", IPAddress.Parse("127.77.7.7"), 1);
        var up = await PodAsync("up", context => context.Response.StatusCode = 500);

        Assert.That(await Check(new(), [down], [up]).LookAsync(cancellation), Is.InstanceOf<CheckLook.Failed>().With.Message.EqualTo("pod down does not answer (/)"));
        Assert.That(await Check(new(), [down], []).LookAsync(cancellation), Is.InstanceOf<CheckLook.Failed>());
        Assert.That(ClassOf(await Check(new(), [down], [down]).LookAsync(cancellation)), Is.EqualTo(DataClass.ProviderError));
    }

    [TestCase("169.254.169.254")]
    [TestCase("::ffff:169.254.169.254")]
    [TestCase("fe80::1")]
    [TestCase("0.0.0.0")]
    [CancelAfter(30_000)]
    public async Task Addresses_that_no_pod_has_are_not_asked(string address, CancellationToken cancellation)
    {
        var look = await LookAsync(new(), [new PodTarget("pod", IPAddress.Parse(address), 80)], cancellation);
        Assert.That(ClassOf(look), Is.EqualTo(DataClass.NoData));
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_port_that_no_container_has_is_said(CancellationToken cancellation)
    {
        var look = await LookAsync(new() { Port = new IntOrString("web") }, [new PodTarget("pod", IPAddress.Loopback, null)], cancellation);
        Assert.That(ClassOf(look), Is.EqualTo(DataClass.ConfigError));
        Assert.That(look.Message, Is.EqualTo("no container of pod pod has the port web; write http.port, or name the port in the template"));
    }

    private static DataClass ClassOf(CheckLook look) => (look as CheckLook.Unknown)?.Class ?? DataClass.Ok;

    private Task<CheckLook> LookAsync(HttpCheckSpec spec, IReadOnlyList<PodTarget> pods, CancellationToken cancellation) => Check(spec, pods, []).LookAsync(cancellation);

    private HttpCheck Check(HttpCheckSpec spec, IReadOnlyList<PodTarget> pods, IReadOnlyList<PodTarget> stable, bool compares = false) =>
        new(spec, () => pods, () => stable, compares, (_, _) => throw new AssertionException("no Secret is named"), _transport, TimeProvider.System);

    private Task<PodTarget> PodAsync(string name, Action<HttpContext> answer) => PodAsync(name, context =>
    {
        answer(context);
        return Task.CompletedTask;
    });

    private async Task<PodTarget> PodAsync(string name, Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        server.Run(context => answer(context));
        await server.StartAsync();
        _servers.Add(server);
        return new PodTarget(name, IPAddress.Loopback, new Uri(server.Urls.Single()).Port);
    }
}
