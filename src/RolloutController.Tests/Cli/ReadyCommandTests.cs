using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Control.Health;
using RolloutController.Tests.Hosting;

namespace RolloutController.Tests.Cli;

/// <summary>The command that <c>helm test</c> runs, against the health that a controller serves.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReadyCommandTests
{
    private readonly FakeReport _report = new();

    [Test]
    public async Task A_controller_that_is_ready_is_told_by_exit_code_0()
    {
        await using var host = await StartAsync();

        var run = await RunAsync(host.Client.BaseAddress!.Authority);

        Assert.That(run, Is.EqualTo(new CommandRun(0, $"{host.Client.BaseAddress.Authority} is ready\n", "")));
    }

    [Test]
    public async Task Where_it_is_not_within_the_time_the_answer_is_told()
    {
        _report.ReadyChecks = [new("informers", false, "Pod is not synced: the list was refused (403).")];
        await using var host = await StartAsync();

        var run = await RunAsync(host.Client.BaseAddress!.Authority, "--timeout", "0s");

        Assert.That((run.Code, run.Output), Is.EqualTo((1, "")));
        Assert.That(run.Error, Does.StartWith($"{host.Client.BaseAddress.Authority} is not ready: it answers 503, [-]informers: Pod is not synced: the list was refused (403). readyz check failed"));
    }

    [Test]
    public async Task One_that_becomes_ready_is_waited_for()
    {
        using var asked = new SemaphoreSlim(0);
        _report.ReadyChecks = [new("informers", false, "Pod is not synced.")];
        await using var host = await RunningHost.StartAsync(RunningHost.LocalOptions, services => services.AddSingleton<IHealthReport>(_report).AddSingleton<IHealthReport>(new Listener(asked)));

        var run = RunAsync(host.Client.BaseAddress!.Authority, "--timeout", "1h");
        await asked.WaitAsync(TestContext.CurrentContext.CancellationToken);
        _report.ReadyChecks = [];

        Assert.That((await run).Code, Is.Zero);
    }

    [Test]
    public async Task Nobody_there_is_no_exception()
    {
        Uri address;
        await using (var host = await StartAsync())
            address = host.Client.BaseAddress!;

        var run = await RunAsync(address.Authority, "--timeout", "0s");

        Assert.That(run.Code, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith($"{address.Authority} is not ready: ").And.Contain("refused"));
    }

    [TestCase("controller")]
    [TestCase("http://controller:8080")]
    [TestCase("controller:8080/elsewhere?")]
    [TestCase("user@controller:8080")]
    public async Task What_is_no_host_and_port_ends_with_2(string address) => Assert.That(await CommandLine.InvokeAsync(["ready", address]), Is.EqualTo(2));

    private Task<RunningHost> StartAsync() => RunningHost.StartAsync(RunningHost.LocalOptions, services => services.AddSingleton<IHealthReport>(_report));

    private static async Task<CommandRun> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.Create().Parse(["ready", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.CurrentContext.CancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Tells that it was asked.</summary>
    private sealed class Listener(SemaphoreSlim asked) : IHealthReport
    {
        public IReadOnlyList<HealthCheck> Live() => [];

        public IReadOnlyList<HealthCheck> Ready()
        {
            asked.Release();
            return [];
        }

        public IReadOnlyDictionary<string, string> Details() => new Dictionary<string, string>();
    }
}
