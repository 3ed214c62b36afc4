using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Fuzzing.Documents;

/// <summary>A kubeconfig of any kind is read, or refused with its file and without its secrets. Plugins are not run: the first request would do that.</summary>
internal sealed class KubeconfigFuzzTests
{
    private const string Secret = "hunter2-xyzzy";

    private static readonly string[] Originals =
    [
        $$$$"""
        apiVersion: v1
        kind: Config
        current-context: shop
        contexts:
        - {name: shop, context: {cluster: main, user: token, namespace: rollouts}}
        - {name: plugin, context: {cluster: main, user: exec}}
        clusters:
        - name: main
          cluster: {server: "https://192.0.2.1:6443", insecure-skip-tls-verify: true, tls-server-name: api, proxy-url: "http://192.0.2.2:3128"}
        users:
        - {name: token, user: {token: {{{{Secret}}}}, as: me, as-groups: [a, b], as-user-extra: {scope: [x]}}}
        - {name: exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program, args: [a], env: [{name: KEY, value: {{{{Secret}}}}}], interactiveMode: Never}}}
        """,
        $$$$"""
        current-context: plugin
        contexts:
        - name: plugin
          context:
            cluster: main
            user: exec
        clusters:
        - name: main
          cluster:
            server: https://api.test
            certificate-authority-data: aGVsbG8=
            extensions:
            - name: client.authentication.k8s.io/exec
              extension: &shared {audience: shop, list: [1, true, null, "text"]}
        users:
        - name: exec
          user:
            exec:
              apiVersion: client.authentication.k8s.io/v1beta1
              command: ./no-such-program
              provideClusterInfo: true
              env:
              - name: PASSWORD
                value: {{{{Secret}}}}
        - name: basic
          user: {username: me, password: {{{{Secret}}}}, client-key-data: {{{{Secret}}}}, tokenFile: token}
        """,
    ];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void Any_kubeconfig_is_read_or_refused_with_its_file_and_without_its_secrets() => Fuzz.Check(MutatedDocument.Of(Originals), 600, document =>
    {
        var path = Path.Combine(_folder.Path, "kubeconfig");
        File.WriteAllBytes(path, document.Bytes());
        foreach (var context in (string?[])[null, "plugin"])
            Judge(() => Loader().Load(path, context), path, document.ToString());
    });

    [Test]
    public void Of_two_files_either_may_be_broken() => Fuzz.Check(MutatedDocument.Of(Originals), 100, document =>
    {
        var (sound, broken) = (_folder.Write("sound", Originals[0]), Path.Combine(_folder.Path, "broken"));
        File.WriteAllBytes(broken, document.Bytes());
        Judge(() => Loader($"{sound}{Path.PathSeparator}{broken}").Load(), "", document.ToString());
        Judge(() => Loader($"{broken}{Path.PathSeparator}{sound}").Load(), "", document.ToString());
    });

    private static IEnumerable<TestCaseData> Bombs()
    {
        var laughs = string.Join('\n', Enumerable.Range(1, 40).Select(level => $"a{level}: &a{level} [{string.Join(", ", Enumerable.Repeat($"*a{level - 1}", 9))}]"));
        yield return new TestCaseData($"a0: &a0 [ha, ha]\n{laughs}\ncontexts: *a40", "stands for more than").SetArgDisplayNames("billion laughs");
        yield return new TestCaseData($"a0: &a0 [ha, ha]\n{laughs}\n? *a40\n: key", "stands for more than").SetArgDisplayNames("billion laughs as a key");
        yield return new TestCaseData("contexts: &a [*a]", "within what it stands for").SetArgDisplayNames("an alias to itself");
        yield return new TestCaseData(new string('[', 100_000), "nest deeper").SetArgDisplayNames("lists in lists");
        yield return new TestCaseData(string.Concat(Enumerable.Repeat("{a: ", 100_000)), "nest deeper").SetArgDisplayNames("maps in maps");
        yield return new TestCaseData(string.Join('\n', Enumerable.Range(0, 1000).Select(level => $"{new string(' ', level)}a:")), "nest deeper").SetArgDisplayNames("indented");
        yield return new TestCaseData($"contexts: [{string.Join(", ", Enumerable.Repeat("a", 500_000))}]", "stands for more than").SetArgDisplayNames("a long list");
        yield return new TestCaseData($"a: {new string('b', 5_000_000)}", "no larger than").SetArgDisplayNames("a long text");
    }

    [TestCaseSource(nameof(Bombs))]
    public void What_is_out_of_all_bounds_is_refused_at_once(string yaml, string because)
    {
        var path = _folder.Write("kubeconfig", yaml);
        Assert.That(() => Loader().Load(path), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains(because).And.Message.StartsWith(path));
    }

    private KubernetesConfigurationLoader Loader(string? variable = null) => new() { Variable = name => name == "KUBECONFIG" ? variable : null, HomeDirectory = _folder.Path };

    private static void Judge(Func<KubernetesConfiguration> load, string path, string document)
    {
        try
        {
            load();
        }
        catch (KubernetesConfigurationException refused)
        {
            LawBrokenException.Unless(refused.Message.Contains(path, StringComparison.Ordinal), "a refusal names the file", $"{refused.Message} for {document}");
            LawBrokenException.Unless(!refused.Message.Contains(Secret, StringComparison.Ordinal), "a refusal tells no secret", $"{refused.Message} for {document}");
        }
    }
}
