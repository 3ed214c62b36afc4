using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Configuration;

[TestFixture]
public sealed class KubernetesConfigurationLoaderTests
{
    private TemporaryFolder _folder = null!;
    private Dictionary<string, string> _variables = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _variables = [];
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    private KubernetesConfigurationLoader Loader() => new()
    {
        Variable = _variables.GetValueOrDefault,
        ServiceAccountDirectory = Path.Combine(_folder.Path, "serviceaccount"),
        HomeDirectory = _folder.Path,
    };

    private static string Config(string server, string user = "{}", string cluster = "", string context = "shop") => $$$"""
        apiVersion: v1
        kind: Config
        current-context: {{{context}}}
        contexts: [{name: {{{context}}}, context: {cluster: c-{{{context}}}, user: u-{{{context}}}, namespace: ns-{{{context}}} } }]
        clusters: [{name: c-{{{context}}}, cluster: {server: "{{{server}}}", {{{cluster}}} } }]
        users: [{name: u-{{{context}}}, user: {{{user}}} }]
        """;

    private void WriteServiceAccount()
    {
        _folder.Write("serviceaccount/token", "in-cluster-token\n");
        _folder.Write("serviceaccount/namespace", "rollouts\n");
        using var authority = TestCertificates.Authority("cluster");
        _folder.Write("serviceaccount/ca.crt", authority.ExportCertificatePem());
        _variables["KUBERNETES_SERVICE_HOST"] = "fd00::1";
        _variables["KUBERNETES_SERVICE_PORT"] = "6443";
    }

    [Test]
    public void The_flag_goes_before_the_variable_before_the_pod_before_the_home_folder()
    {
        var home = _folder.Write(".kube/config", Config("https://home"));
        Assert.That(Loader().Load().Server.Host, Is.EqualTo("home"));

        WriteServiceAccount();
        var inCluster = Loader().Load();
        Assert.That(inCluster.Server.AbsoluteUri, Is.EqualTo("https://[fd00::1]:6443/"), "IPv6 goes in brackets");
        Assert.That(inCluster.Namespace, Is.EqualTo("rollouts"), "trimmed");
        Assert.That(Loader().Load(context: "shop").Server.Host, Is.EqualTo("home"), "a context is only to be found in a file");

        _variables["KUBECONFIG"] = _folder.Write("variable", Config("https://variable"));
        Assert.That(Loader().Load().Server.Host, Is.EqualTo("variable"));

        Assert.That(Loader().Load(home).Server.Host, Is.EqualTo("home"));
    }

    [Test]
    public async Task The_pods_token_is_sent_trimmed()
    {
        WriteServiceAccount();
        var credential = await Loader().Load().Credentials.GetAsync(CancellationToken.None);
        Assert.That(credential.Authorization!.ToString(), Is.EqualTo("Bearer in-cluster-token"));
    }

    [Test]
    public async Task Files_are_merged_first_come_first_served_and_paths_belong_to_their_file()
    {
        _folder.Write("one/token", "of-one");
        _folder.Write("two/token", "of-two");
        var one = _folder.Write("one/config", Config("https://one", "{tokenFile: token}"));
        var two = _folder.Write("two/config", Config("https://two", "{tokenFile: token}", context: "other") + """

            preferences: {}
            """);
        var shadowed = _folder.Write("three/config", Config("https://three"));
        _variables["KUBECONFIG"] = string.Join(Path.PathSeparator, one, Path.Combine(_folder.Path, "absent"), two, shadowed);

        var current = Loader().Load();
        var other = Loader().Load(context: "other");

        Assert.That(current.Server.Host, Is.EqualTo("one"));
        Assert.That(current.Namespace, Is.EqualTo("ns-shop"));
        Assert.That((await current.Credentials.GetAsync(default)).Authorization!.Parameter, Is.EqualTo("of-one"));
        Assert.That(other.Server.Host, Is.EqualTo("two"));
        Assert.That((await other.Credentials.GetAsync(default)).Authorization!.Parameter, Is.EqualTo("of-two"));
    }

    [Test]
    public async Task Every_field_is_read()
    {
        using var authority = TestCertificates.Authority("authority");
        using var issued = authority.Issue("client");
        _folder.Write("client.crt", issued.ExportCertificatePem());
        _folder.Write("client.key", issued.KeyPem());
        var bundle = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authority.ExportCertificatePem()));
        var file = _folder.Write("config", Config("https://host:6443/base",
            "{token: secret, client-certificate: client.crt, client-key: client.key, as: jane, as-uid: '42', as-groups: [dev, ops], as-user-extra: {scopes: [a, b]}}",
            $"tls-server-name: api.internal, certificate-authority-data: {bundle}, proxy-url: 'socks5://proxy:1080', disable-compression: true"));

        var configuration = Loader().Load(file);
        var credential = await configuration.Credentials.GetAsync(default);

        Assert.Multiple(() =>
        {
            Assert.That(configuration.Server.AbsoluteUri, Is.EqualTo("https://host:6443/base"));
            Assert.That(configuration.TlsServerName, Is.EqualTo("api.internal"));
            Assert.That(configuration.Proxy!.AbsoluteUri, Is.EqualTo("socks5://proxy:1080/"));
            Assert.That(configuration.Compression, Is.False);
            Assert.That(configuration.Trust.Bundle, Is.EqualTo(authority.ExportCertificatePem()));
            Assert.That(configuration.Impersonation!.User, Is.EqualTo("jane"));
            Assert.That(configuration.Impersonation.Uid, Is.EqualTo("42"));
            Assert.That(configuration.Impersonation.Groups, Is.EqualTo(new[] { "dev", "ops" }));
            Assert.That(configuration.Impersonation.Extra["scopes"], Is.EqualTo(new[] { "a", "b" }));
            Assert.That(credential.Authorization!.ToString(), Is.EqualTo("Bearer secret"));
            Assert.That(credential.Certificate!.TargetCertificate.Thumbprint, Is.EqualTo(issued.Thumbprint));
            Assert.That(configuration.ToString(), Does.Not.Contain("secret"));
            Assert.That(credential.ToString(), Does.Not.Contain("secret"));
        });
    }

    [TestCase("{auth-provider: {name: gcp}}", "", "users[u-shop].user.auth-provider", "exec")]
    [TestCase("{username: u}", "", "users[u-shop].user.password", "missing")]
    [TestCase("{token: a, username: b, password: c}", "", "users[u-shop].user.token", "keep one")]
    [TestCase("{client-key-data: YQ==}", "", "users[u-shop].user.client-certificate", "missing")]
    [TestCase("{client-certificate-data: '%'}", "", "users[u-shop].user.client-certificate-data", "base64")]
    [TestCase("{client-certificate-data: YQ==, client-key-data: YQ==}", "", "users[u-shop].user.client-certificate", "PEM")]
    [TestCase("{exec: {command: x}}", "", "users[u-shop].user.exec.apiVersion", "missing")]
    [TestCase("{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}", "", "users[u-shop].user.exec.apiVersion", "v1beta1")]
    [TestCase("{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}", "", "interactiveMode", "terminal")]
    [TestCase("{as-groups: [a]}", "", "users[u-shop].user.as", "missing")]
    [TestCase("{}", "insecure-skip-tls-verify: true, certificate-authority-data: YQ==", "clusters[c-shop].cluster.insecure-skip-tls-verify", "remove one")]
    [TestCase("{}", "insecure-skip-tls-verify: 1", "clusters[c-shop].cluster.insecure-skip-tls-verify", "true or false")]
    [TestCase("{}", "certificate-authority-data: YQ==", "clusters[c-shop].cluster.certificate-authority", "BEGIN CERTIFICATE")]
    [TestCase("{}", "certificate-authority: absent.crt", "clusters[c-shop].cluster.certificate-authority", "absent.crt")]
    [TestCase("{}", "proxy-url: 'ftp://p'", "clusters[c-shop].cluster.proxy-url", "socks5")]
    public void Mistakes_are_named_by_file_and_field(string user, string cluster, string field, string hint)
    {
        var file = _folder.Write("config", Config("https://host", user, cluster));
        Assert.That(() => Loader().Load(file),
            Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains(file).And.Message.Contains(field).And.Message.Contains(hint));
    }

    [Test]
    public void A_missing_context_cluster_or_file_says_what_there_is()
    {
        var file = _folder.Write("config", Config("https://host"));
        Assert.That(() => Loader().Load(file, "absent"), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("shop"));
        Assert.That(() => Loader().Load(_folder.Write("broken", "a: [")), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("line"));
        Assert.That(() => Loader().Load(_folder.Write("list", "- a")), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("clusters"));
        Assert.That(() => Loader().Load(Path.Combine(_folder.Path, "none")), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("none"));
        Assert.That(() => Loader().Load(_folder.Write("huge", new string('#', (4 * 1024 * 1024) + 1))), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("no larger than 4 MiB"));
        Assert.That(() => Loader().Load(), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("--kubeconfig"));
        _variables["KUBECONFIG"] = "/nowhere/config";
        Assert.That(() => Loader().Load(), Throws.TypeOf<KubernetesConfigurationException>().With.Message.Contains("/nowhere/config"));
    }

    [Test]
    public void Skipping_the_check_of_the_server_is_logged()
    {
        using var log = new ListLoggerFactory();
        var file = _folder.Write("config", Config("https://host", cluster: "insecure-skip-tls-verify: true"));
        var configuration = new KubernetesConfigurationLoader(null, log).Load(file);
        Assert.That(configuration.Trust, Is.SameAs(ServerTrust.Insecure));
        Assert.That(log.Lines, Has.Some.Contains("insecure-skip-tls-verify"));
    }
}
