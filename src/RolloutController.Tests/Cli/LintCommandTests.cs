using System.CommandLine;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cli;

/// <summary>What is wrong is told with its file and field, and what is right is not.</summary>
internal sealed class LintCommandTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("lint").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private static IEnumerable<string> Examples() => Directory.GetFiles(RepositoryFiles.PathOf("examples"), "*.yaml", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/stories/", StringComparison.Ordinal)).Select(file => Path.GetRelativePath(RepositoryFiles.PathOf("examples"), file)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(Examples))]
    public void Examples_can_be_carried_out(string file)
    {
        var linted = Lint("-f", RepositoryFiles.PathOf($"examples/{file}"));
        Assert.That(linted.Code, Is.Zero, linted.Output + linted.Error);
    }

    [TestCase("service: shop", "service: other", "spec.traffic.service: there is no Service other in namespace default; create it, or name another")]
    [TestCase("max: 0.5%", "max: 0.5", "spec.analysis.errorRate.max: ")]
    [TestCase("errorRate:", "errorrate:", "unknown field \"spec.analysis.errorrate\"")]
    [TestCase("name: shop}]", "name: none}]", "spec.traffic.routes[0].name: there is no HTTPRoute none in namespace default; create it, or name another")]
    [TestCase("replicas: 10", "replicas: ten", "spec.replicas: ")]
    public void Mistakes_are_told_with_file_and_field(string text, string changed, string expected)
    {
        var file = Changed(text, changed);

        var linted = Lint("-f", file);

        Assert.That(linted.Code, Is.EqualTo(2), linted.Output + linted.Error);
        Assert.That(linted.Output.Split('\n'), Has.Some.Matches<string>(line => line.StartsWith(file, StringComparison.Ordinal) && line.Contains($": {expected}", StringComparison.Ordinal)), linted.Output + linted.Error);
    }

    [TestCase("ports: [{containerPort: 8080}]", "ports: [{containerPort: 8080, name: web}]", "port: http", "spec.analysis.checks[health].http.port: no container of spec.template has a port of the name http")]
    [TestCase("ports: [{containerPort: 8080}]", "args: [serve]", "path: /", "spec.analysis.checks[health].http.port: no container of spec.template has a port, so the one to ask is not known; write http.port")]
    [TestCase("containers: [", "hostNetwork: true, containers: [", "port: 8080", "spec.analysis.checks[health].http: the pods of spec.template share the network of their nodes (hostNetwork)")]
    public void Pods_that_a_check_cannot_ask_are_told(string text, string changed, string http, string expected)
    {
        var file = Changed(text, changed);
        File.WriteAllText(file, File.ReadAllText(file).Replace("    errorRate: {max: 0.5%}", $"    checks: [{{name: health, http: {{{http}}}}}]", StringComparison.Ordinal));

        var linted = Lint("-f", file);

        Assert.That(linted.Code, Is.EqualTo(2), linted.Output + linted.Error);
        Assert.That(linted.Output, Does.Contain($": {expected}"));
    }

    [Test]
    public void Several_mistakes_are_told_at_once()
    {
        var linted = Lint("-f", Changed("replicas: 10", "replicas: ten\n  minReadySeconds: soon"));
        Assert.That(linted.Output, Does.Contain("spec.replicas: ").And.Contain("spec.minReadySeconds: ").And.Not.Contain("<nil>"));
    }

    [TestCase(false, 0)]
    [TestCase(true, 1)]
    public void Warnings_fail_only_where_that_is_asked_for(bool strict, int code)
    {
        string[] arguments = ["-f", Changed("    errorRate: {max: 0.5%}", "    interval: 15s"), .. strict ? ["--strict"] : Array.Empty<string>()];
        var linted = Lint(arguments);
        Assert.That((linted.Code, linted.Output), Is.EqualTo((code, linted.Output)));
        Assert.That(linted.Output, Does.Contain(": warning: spec.analysis.errorRate is left out"));
    }

    [Test]
    public void What_an_earlier_Rollout_of_the_same_manifests_claims_is_told()
    {
        var example = File.ReadAllText(RepositoryFiles.PathOf("examples/shop.yaml"));
        var file = Path.Combine(_folder, "two.yaml");
        var rollout = example.Split("\n---\n").Single(document => document.Contains("kind: Rollout", StringComparison.Ordinal));
        File.WriteAllText(file, $"{example}\n---\n{rollout.Replace("metadata: {name: shop}", "metadata: {name: second}", StringComparison.Ordinal)}");

        var linted = Lint("-f", file);

        Assert.That(linted.Code, Is.EqualTo(2), linted.Output + linted.Error);
        Assert.That(linted.Output, Does.Contain(": spec.traffic.service: Service shop belongs to Rollout default/shop already; name another, or remove it there"));
        Assert.That(linted.Output, Does.Not.Contain("default/second"));
    }

    [TestCase("--kubeconfig", "any")]
    [TestCase("--context", "any")]
    [TestCase("-n", "any")]
    public void What_is_for_a_cluster_asks_for_one(params string[] alone)
    {
        var parsed = LintCommand.Create().Parse(["-f", "any", .. alone]);
        Assert.That(parsed.Errors.Select(error => error.Message), Has.Some.EndsWith("is for looking at a cluster: write --cluster, too."));
    }

    [Test]
    public void Input_without_a_Rollout_is_refused()
    {
        var file = Path.Combine(_folder, "service.yaml");
        File.WriteAllText(file, "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\n");
        var linted = Lint("-f", file);
        Assert.That((linted.Code, linted.Error), Is.EqualTo((2, $"{file}: there is no Rollout in it; write one, with the Services and routes that it names\n")));
    }

    private string Changed(string text, string changed)
    {
        var file = Path.Combine(_folder, "shop.yaml");
        var example = File.ReadAllText(RepositoryFiles.PathOf("examples/shop.yaml"));
        Assert.That(example, Does.Contain(text));
        File.WriteAllText(file, example.Replace(text, changed, StringComparison.Ordinal));
        return file;
    }

    private static Rehearse Lint(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = LintCommand.Create().Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return new Rehearse(code, output.ToString(), error.ToString());
    }
}
