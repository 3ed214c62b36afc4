using NUnit.Framework;
using RolloutController.Hosting.Options;

namespace RolloutController.Tests.Hosting.Options;

public class OptionsReaderTests
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly Dictionary<Setting, string> _commandLine = [];
    private string _folder = "";
    private string _file = "";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("rollout-options").FullName;
        _file = Path.Combine(_folder, "appsettings.json");
        _environment.Clear();
        _environment["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
        _commandLine.Clear();
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void In_a_cluster_nothing_needs_to_be_set()
    {
        var options = Read();

        Assert.That(options.Problems(), Is.Empty);
        Assert.That(options.Listen.ToString(), Is.EqualTo("0.0.0.0:8080"));
        Assert.That(options.LeaderElection, Is.True);
        Assert.That(options.Page, Is.True);
        Assert.That(options.MaxConcurrentReconciles, Is.EqualTo(4));
        Assert.That(options.Providers, Is.Empty);
    }

    [Test]
    public void Providers_of_logs_and_hooks_stand_in_the_file()
    {
        var key = Path.Combine(_folder, "key");
        File.WriteAllText(key, "secret");
        File.WriteAllText(_file, $$"""
            {"Rollout": {
              "Logs": {"loki": {"Address": "http://loki:3100", "TenantId": "shops", "NamespaceLabel": "namespace", "ClientCertificateFile": "{{key}}", "ClientKeyFile": "{{key}}"} },
              "Hooks": {"approvals": {"Address": "https://approvals.test/rollouts", "SigningKeyFile": "{{key}}"} } } }
            """);

        var options = Read();

        Assert.That(options.Problems(), Is.Empty);
        var loki = options.Logs.Single();
        Assert.That((loki.Name, loki.Address.Host, loki.TenantId, loki.NamespaceLabel, loki.ClientKeyFile), Is.EqualTo(("loki", "loki", "shops", "namespace", key)));
        Assert.That((options.Hooks.Single().Name, options.Hooks.Single().SigningKeyFile), Is.EqualTo(("approvals", key)));
    }

    [TestCase("""{"Hooks": {"a": {"Adress": "http://a"}}}""", "Rollout:Hooks:a:Adress in appsettings.json is no setting")]
    [TestCase("""{"Hooks": {"a": {"TenantId": "x", "Address": "http://a"}}}""", "Rollout:Hooks:a:TenantId in appsettings.json is no setting")]
    [TestCase("""{"Hooks": {"a": {"Address": "http://me:secret@a"}}}""", "Rollout:Hooks:a:Address in appsettings.json is no http or https address")]
    [TestCase("""{"Hooks": {"A_b": {"Address": "http://a"}}}""", "Rollout:Hooks names \"A_b\"")]
    [TestCase("""{"Hooks": {"a": {"Address": "http://a", "SigningKeyFile": "/none"}}}""", "Rollout:Hooks:a:SigningKeyFile in appsettings.json names the file /none, which is not there")]
    [TestCase("""{"Logs": {"a": {"Address": "http://a", "Username": "me"}}}""", "Log provider a: basic authentication needs a user name and a password file")]
    [TestCase("""{"Prometheus": {"Address": "http://a", "ClientKeyFile": "/none"}}""", "ROLLOUT_PROMETHEUS_CLIENT_CERTIFICATE_FILE")]
    public void Mistakes_in_them_are_told_without_repeating_secrets(string rollout, string expected)
    {
        File.WriteAllText(_file, $$"""{"Rollout": {{rollout}} }""");
        Assert.That(Read().Problems(), Has.Some.Contains(expected).And.None.Contains("secret"));
    }

    [Test]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        File.WriteAllText(_file, """
            {"Rollout": {"Context": "file", "LeaseName": "file", "Listen": "127.0.0.1:1", "Namespaces": ["a", "b"], "Prometheus": {"Address": "http://file:9090", "TenantId": "file"}}}
            """);
        _environment["ROLLOUT_CONTEXT"] = "environment";
        _environment["ROLLOUT_LISTEN"] = "127.0.0.1:2";
        _environment["ROLLOUT_PROMETHEUS"] = "http://environment:9090";
        _commandLine[Settings.Listen] = "127.0.0.1:3";

        var options = Read();

        Assert.That(options.Problems(), Is.Empty);
        Assert.That(options.LeaseName, Is.EqualTo("file"));
        Assert.That(options.Namespaces, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(options.Context, Is.EqualTo("environment"));
        Assert.That(options.Listen.Port, Is.EqualTo(3));
        var provider = options.Providers.Single();
        Assert.That((provider.Address.Host, provider.TenantId, provider.IsDefault), Is.EqualTo(("environment", "file", true)));
    }

    [Test]
    public void Lists_come_separated_by_commas_from_the_environment()
    {
        _environment["ROLLOUT_NAMESPACES"] = "shop, blog,";
        Assert.That(Read().Namespaces, Is.EqualTo(new[] { "shop", "blog" }));
    }

    [Test]
    public void An_empty_variable_is_not_set()
    {
        File.WriteAllText(_file, """{"Rollout": {"LeaseName": "mine"}}""");
        _environment["ROLLOUT_LEASE_NAME"] = "";
        _environment["ROLLOUT_PROMETHEUS"] = " ";

        Assert.That(Read().LeaseName, Is.EqualTo("mine"));
        Assert.That(Read().Problems(), Is.Empty);
    }

    [TestCase("ROLLOUT_LISTEN", "8080", "ADDRESS:PORT")]
    [TestCase("ROLLOUT_LOG_LEVEL", "loud", "trace, debug, info")]
    [TestCase("ROLLOUT_LOG_FORMAT", "xml", "text or json")]
    [TestCase("ROLLOUT_LEADER_ELECTION", "perhaps", "true or false")]
    [TestCase("ROLLOUT_MAX_CONCURRENT_RECONCILES", "0", "1 to 64")]
    [TestCase("ROLLOUT_MAX_CONCURRENT_RECONCILES", "many", "1 to 64")]
    [TestCase("ROLLOUT_NAMESPACES", "Shop", "names of namespaces")]
    [TestCase("ROLLOUT_LEASE_NAME", "My Lease", "lower-case")]
    [TestCase("ROLLOUT_KUBECONFIG", "/nowhere/config", "path of a kubeconfig")]
    [TestCase("ROLLOUT_HEALTH_KEY_FILE", "/nowhere/key", "mount it")]
    [TestCase("ROLLOUT_PROMETHEUS", "prometheus:9090", "http://prometheus.monitoring:9090")]
    [TestCase("ROLLOUT_PROMETHEUS", "ftp://prometheus", "http://prometheus.monitoring:9090")]
    public void A_wrong_value_is_named_with_what_to_write(string variable, string value, string advice)
    {
        _environment[variable] = value;
        Assert.That(Read().Problems(), Has.Exactly(1).Items.And.One.Contains(variable).And.One.Contains(advice));
    }

    [TestCase("ROLLOUT_PROMETHEUS_PRESET", "envoy", "plain, istio")]
    [TestCase("ROLLOUT_PROMETHEUS_USERNAME", "me", "set both")]
    [TestCase("ROLLOUT_PROMETHEUS_BEARER_TOKEN_FILE", "/nowhere/token", "not there")]
    [TestCase("ROLLOUT_PROMETHEUS_NAMESPACE_LABEL", "name space", "label")]
    public void A_wrong_value_of_the_provider_is_too(string variable, string value, string advice)
    {
        _environment["ROLLOUT_PROMETHEUS"] = "http://prometheus:9090";
        _environment[variable] = value;
        Assert.That(Read().Problems(), Has.Exactly(1).Items.And.One.Contains(variable).And.One.Contains(advice));
    }

    [Test]
    public void A_password_in_an_address_is_refused_without_repeating_it()
    {
        _environment["ROLLOUT_PROMETHEUS"] = "http://me:hunter2@prometheus:9090";
        Assert.That(Read().Problems().Single(), Does.Not.Contain("hunter2").And.Contain("without user, password"));
    }

    [Test]
    public void The_file_that_is_shipped_states_the_defaults()
    {
        var root = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(root!.FullName, "Rollout.sln")))
            root = root.Parent;
        var shipped = OptionsReader.Read(Path.Combine(root.FullName, "src", "RolloutController", "appsettings.json"), _environment, _commandLine);

        Assert.That(shipped.Problems(), Is.Empty);
        Assert.That(shipped.ToString(), Is.EqualTo(Read().ToString()));
    }

    [Test]
    public void Several_providers_can_be_named()
    {
        File.WriteAllText(_file, """
            {"Rollout": {"Providers": {"mimir": {"Address": "https://mimir/prometheus", "TenantId": "shop", "Default": true}, "local": {"Address": "http://local:9090", "Preset": "istio"}}}}
            """);

        var options = Read();

        Assert.That(options.Problems(), Is.Empty);
        Assert.That(options.Providers.Select(provider => (provider.Name, provider.Preset, provider.IsDefault)), Is.EquivalentTo(new[] { ("mimir", "plain", true), ("local", "istio", false) }));
    }

    [TestCase("""{"a": {"Address": "http://a"}, "b": {"Address": "http://b"}}""", "No metric provider is the default")]
    [TestCase("""{"a": {"Address": "http://a", "Default": true}, "b": {"Address": "http://b", "Default": true}}""", "all marked as the default")]
    [TestCase("""{"a": {"Preset": "istio"}}""", "Rollout:Providers:a:Address in appsettings.json is missing")]
    [TestCase("""{"a": {"Address": "http://a", "Token": "x"}}""", "Rollout:Providers:a:Token in appsettings.json is no setting")]
    [TestCase("""{"A_b": {"Address": "http://a"}}""", "lower-case")]
    public void Providers_that_do_not_fit_together_are_named(string providers, string problem)
    {
        File.WriteAllText(_file, $$"""{"Rollout": {"Providers": {{providers}} } }""");
        Assert.That(Read().Problems(), Has.One.Contains(problem));
    }

    [Test]
    public void A_misspelled_key_is_named()
    {
        File.WriteAllText(_file, """{"Rollout": {"Prometeus": {"Address": "http://x"}}}""");
        Assert.That(Read().Problems().Single(), Does.StartWith("Rollout:Prometeus:Address in appsettings.json is no setting"));
    }

    [Test]
    public void A_file_that_is_no_json_is_named()
    {
        File.WriteAllText(_file, "{");
        Assert.That(Read().Problems().Single(), Does.Contain(_file));
    }

    [Test]
    public void Without_any_cluster_it_says_so()
    {
        _environment.Clear();
        Assert.That(Read().Problems().Single(), Does.StartWith("No cluster is configured").And.Contain("ROLLOUT_KUBECONFIG"));
    }

    [Test]
    public void The_lease_is_in_the_namespace_of_the_pod()
    {
        _environment["POD_NAMESPACE"] = "rollout-system";
        Assert.That(Read().LeaseNamespace, Is.EqualTo("rollout-system"));
        _environment["ROLLOUT_LEASE_NAMESPACE"] = "elsewhere";
        Assert.That(Read().LeaseNamespace, Is.EqualTo("elsewhere"));
    }

    [Test]
    public void The_health_key_comes_from_the_environment_or_from_a_file_but_not_from_both()
    {
        var file = Path.Combine(_folder, "key");
        File.WriteAllText(file, "sesame\n");
        _environment["ROLLOUT_HEALTH_KEY_FILE"] = file;
        Assert.That(Read().HealthKey!.Matches("sesame"), Is.True);

        _environment["ROLLOUT_HEALTH_KEY"] = "other";
        Assert.That(Read().Problems().Single(), Does.Contain("are both set").And.Not.Contain("other"));
    }

    private ControllerOptions Read() => OptionsReader.Read(_file, _environment, _commandLine);
}
