using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Cli;

/// <summary>The executable as a process of its own, without the environment of the tests.</summary>
[CancelAfter(60_000)]
public class ProcessTests
{
    private const int Sigterm = 15;

    [Test]
    public async Task Help_names_the_options_and_their_variables(CancellationToken cancellationToken)
    {
        using var process = Start("run", "--help");
        var help = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);

        Assert.That(process.ExitCode, Is.Zero);
        foreach (var word in new[] { "--kubeconfig", "--context", "--namespace", "--prometheus", "--listen", "--log-format", "--log-level", "--no-leader-election", "ROLLOUT_PROMETHEUS" })
            Assert.That(help, Does.Contain(word));
    }

    [Test]
    public async Task Without_its_kubeconfig_it_stays_up_says_so_and_ends_well_on_sigterm(CancellationToken cancellationToken)
    {
        using var process = Start("run", "--kubeconfig", "/nowhere/config", "--prometheus", "http://me:hunter2@p:9", "--listen", "127.0.0.1:0", "--log-format", "json");
        try
        {
            var log = new List<JsonNode>();
            while (Address(log) is null)
                log.Add(JsonNode.Parse((await process.StandardOutput.ReadLineAsync(cancellationToken))!)!);
            using var client = new HttpClient { BaseAddress = new Uri(Address(log)!) };

            Assert.That((await client.GetAsync("/healthz", cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.OK));
            var ready = await client.GetAsync("/readyz", cancellationToken);
            var reasons = await ready.Content.ReadAsStringAsync(cancellationToken);
            Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(reasons, Does.Contain("--kubeconfig").And.Contain("/nowhere/config").And.Contain("--prometheus").And.Not.Contain("hunter2"));
            Assert.That(log.Select(line => (string?)line["message"]), Has.Some.Contains("/nowhere/config").And.None.Contains("hunter2"));
            using var detailed = new HttpRequestMessage(HttpMethod.Get, "/health/detailed");
            Assert.That((await client.SendAsync(detailed, cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.OK));

            Assert.That(kill(process.Id, Sigterm), Is.Zero);
            await process.WaitForExitAsync(cancellationToken);
            Assert.That(process.ExitCode, Is.Zero);
        }
        finally
        {
            process.Kill();
        }
    }

    [Test]
    public async Task The_demo_writes_plain_lines_where_no_terminal_is(CancellationToken cancellationToken)
    {
        using var process = Start("demo", "--listen", "127.0.0.1:0");
        try
        {
            var lines = new List<string>();
            while (!lines.Exists(line => line.Contains("shop", StringComparison.Ordinal)))
                lines.Add((await process.StandardOutput.ReadLineAsync(cancellationToken))!);
            Assert.That(lines[0], Does.StartWith("Rollout on a cluster inside this process. The page: http://"));
            Assert.That(lines, Has.None.Contains('\u001b'));
        }
        finally
        {
            process.Kill();
        }
    }

    private static string? Address(IEnumerable<JsonNode> log) => (string?)log.Select(line => line["Address"]).FirstOrDefault(address => address is not null);

    private static Process Start(params string[] args)
    {
        var start = Executable.Start(args);
        start.RedirectStandardOutput = true;
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ROLLOUT_", StringComparison.Ordinal) || name is "KUBECONFIG" or "KUBERNETES_SERVICE_HOST").ToList())
            start.Environment.Remove(name);
        // What the base images of ASP.NET Core set, and what must have no say.
        start.Environment["ASPNETCORE_HTTP_PORTS"] = "8080";
        return Process.Start(start)!;
    }

    [DllImport("libc", ExactSpelling = true)]
    private static extern int kill(int process, int signal);
}
