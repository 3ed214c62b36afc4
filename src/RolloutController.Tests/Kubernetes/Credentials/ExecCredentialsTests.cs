using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Credentials;

[TestFixture]
[Platform(Exclude = "Win", Reason = "The plugins are shell scripts.")]
public sealed class ExecCredentialsTests
{
    private const string Version = "client.authentication.k8s.io/v1";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private TemporaryFolder _folder = null!;
    private ManualTimeProvider _time = null!;
    private ListLoggerFactory _log = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _time = new ManualTimeProvider(Start);
        _log = new ListLoggerFactory();
    }

    [TearDown]
    public void TearDown()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    private ExecCredentials Plugin(string script, params string[] arguments) => new(
        new ExecPlugin(_folder.Script("plugin", script), arguments, new Dictionary<string, string> { ["EXTRA"] = "more" }, Version, "Install it.", null), _time, _log);

    private static string Print(string status) => $$"""echo '{"apiVersion":"{{Version}}","kind":"ExecCredential","status":{{status}}}'""";

    private int Runs => File.ReadAllLines(Path.Combine(_folder.Path, "runs")).Length;

    private string Counted => $"echo run >> '{_folder.Path}/runs'\n";

    [Test]
    public async Task Arguments_environment_and_exec_info_reach_the_plugin()
    {
        var plugin = Plugin($"printf '%s|' \"$@\" > '{_folder.Path}/args'; echo \"$EXTRA $KUBERNETES_EXEC_INFO\" > '{_folder.Path}/info'\n{Print("""{"token":"t"}""")}",
            "two words", "quote\"s", "");

        var credential = await plugin.GetAsync(default);

        Assert.That(credential.Authorization!.ToString(), Is.EqualTo("Bearer t"));
        Assert.That(File.ReadAllText(Path.Combine(_folder.Path, "args")), Is.EqualTo("two words|quote\"s||"));
        Assert.That(File.ReadAllText(Path.Combine(_folder.Path, "info")).Trim(),
            Is.EqualTo($$$"""more {"apiVersion":"{{{Version}}}","kind":"ExecCredential","spec":{"interactive":false}}"""));
    }

    [TestCase("", Description = "standard output")]
    [TestCase(" >&2", Description = "standard error")]
    public void A_plugin_that_prints_without_end_is_ended(string to)
    {
        var failure = Assert.ThrowsAsync<KubernetesCredentialException>(() => Plugin($"while :; do printf '%065536d' 0{to}; done").GetAsync(default).AsTask())!;
        Assert.That(failure.Message, Does.EndWith("plugin printed more than 1 MiB; is it the right program?"));
    }

    [Test]
    public async Task It_runs_once_for_all_that_wait_and_again_when_the_credential_expires()
    {
        var plugin = Plugin($"{Counted}sleep 0.2\n{Print("""{"token":"t","expirationTimestamp":"2026-01-01T00:10:00Z"}""")}");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => plugin.GetAsync(default).AsTask()));
        _time.Advance(TimeSpan.FromMinutes(9));
        await plugin.GetAsync(default);
        Assert.That(Runs, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromMinutes(2));
        await plugin.GetAsync(default);
        Assert.That(Runs, Is.EqualTo(2));
    }

    [Test]
    public async Task A_refused_credential_is_dropped_unless_it_was_replaced_already()
    {
        var plugin = Plugin($"{Counted}{Print("""{"token":"'$(wc -l < runs)'"}""")}".Replace("< runs", $"< {_folder.Path}/runs", StringComparison.Ordinal));
        var first = await plugin.GetAsync(default);
        plugin.Reject(first);
        var second = await plugin.GetAsync(default);
        plugin.Reject(first);
        Assert.That(await plugin.GetAsync(default), Is.EqualTo(second));
        Assert.That(second, Is.Not.EqualTo(first));
        Assert.That(Runs, Is.EqualTo(2));
    }

    [Test]
    public async Task It_may_write_more_to_standard_error_than_a_pipe_holds()
    {
        var plugin = Plugin($"head -c 300000 /dev/zero | tr '\\0' x >&2\n{Print("""{"token":"t"}""")}");
        Assert.That((await plugin.GetAsync(default)).Authorization!.Parameter, Is.EqualTo("t"));
        Assert.That(_log.Lines.Single().Length, Is.LessThan(3000));
    }

    [Test]
    public async Task It_may_print_a_client_certificate()
    {
        using var authority = TestCertificates.Authority("authority");
        using var issued = authority.Issue("client");
        var status = $$"""{"clientCertificateData":"{{Escaped(issued.ExportCertificatePem())}}","clientKeyData":"{{Escaped(issued.KeyPem())}}"}""";
        _folder.Write("out", $$"""{"apiVersion":"{{Version}}","kind":"ExecCredential","status":{{status}}}""");
        var credential = await Plugin($"cat '{_folder.Path}/out'").GetAsync(default);
        Assert.That(credential.Certificate!.TargetCertificate.Thumbprint, Is.EqualTo(issued.Thumbprint));
        Assert.That(credential.Authorization, Is.Null);

        static string Escaped(string pem) => pem.Replace("\n", "\\n", StringComparison.Ordinal);
    }

    [TestCase("echo null", "no ExecCredential")]
    [TestCase("echo token-in-clear", "not JSON")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential"}'""", "neither a token")]
    [TestCase("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"t"}}'""", "make them agree")]
    [TestCase("echo why >&2; exit 3", "exit code 3")]
    public void A_failing_plugin_says_how_without_what_it_printed(string script, string hint)
    {
        Assert.That(async () => await Plugin(script).GetAsync(default),
            Throws.TypeOf<KubernetesCredentialException>().With.Message.Contains(hint).And.Message.Not.Contains("token-in-clear"));
    }

    [Test]
    public void A_missing_plugin_gives_the_install_hint()
    {
        var plugin = new ExecCredentials(new ExecPlugin("/nowhere/plugin", [], new Dictionary<string, string>(), Version, "Install it.", null), _time, NullLogger.Instance);
        Assert.That(async () => await plugin.GetAsync(default), Throws.TypeOf<KubernetesCredentialException>().With.Message.Contains("Install it."));
    }

    [Test]
    public async Task A_plugin_that_hangs_is_ended_with_its_children()
    {
        var plugin = Plugin($"sleep 600 & echo $! > '{_folder.Path}/child.tmp'; mv '{_folder.Path}/child.tmp' '{_folder.Path}/child'; wait");
        var running = plugin.GetAsync(default).AsTask();
        var file = Path.Combine(_folder.Path, "child");
        await Until.TrueAsync(() => File.Exists(file));

        _time.Advance(ExecPlugin.Timeout);

        Assert.That(async () => await running, Throws.TypeOf<KubernetesCredentialException>().With.Message.Contains("30 s"));
        var child = int.Parse(File.ReadAllText(file));
        await Until.TrueAsync(() => !IsRunning(child));
    }

    // A killed child whose new parent has not reaped it yet is a zombie: ended all the same.
    private static bool IsRunning(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return !process.HasExited && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is ArgumentException or IOException)
        {
            return false;
        }
    }
}
