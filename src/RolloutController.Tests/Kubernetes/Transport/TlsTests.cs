using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Transport;

[TestFixture]
public sealed class TlsTests
{
    private static readonly ObjectKey Key = new("shop", "web-1");

    private X509Certificate2 _authority = null!;
    private X509Certificate2 _stranger = null!;

    [OneTimeSetUp]
    public void SetUp() => (_authority, _stranger) = (TestCertificates.Authority("ours"), TestCertificates.Authority("stranger"));

    [OneTimeTearDown]
    public void TearDown()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }

    private static Task AnswerPod(HttpContext context) => context.Json(Answers.Pod);

    private static async Task<Pod?> GetAsync(TestApi api, Func<KubernetesConfiguration, KubernetesConfiguration> change)
    {
        using var client = api.Client(change, new() { Retries = 0 });
        return await client.GetAsync(KubernetesKinds.Pod, Key, default);
    }

    private static void AssertRefused(TestApi api, Func<KubernetesConfiguration, KubernetesConfiguration> change) =>
        Assert.That(async () => await GetAsync(api, change), Throws.TypeOf<HttpRequestException>().With.InnerException.TypeOf<AuthenticationException>());

    [Faults.FaultRow(26, "a TLS handshake that fails")]
    [Test]
    public async Task A_server_of_our_authority_is_trusted_and_any_other_is_not()
    {
        using var certificate = _authority.Issue("localhost");
        await using var api = await TestApi.StartAsync(AnswerPod, certificate);

        Assert.That(await GetAsync(api, c => c with { Trust = ServerTrust.Authorities(_authority.ExportCertificatePem()) }), Is.Not.Null);
        AssertRefused(api, c => c with { Trust = ServerTrust.Authorities(_stranger.ExportCertificatePem()) });
        AssertRefused(api, c => c);
        Assert.That(await GetAsync(api, c => c with { Trust = ServerTrust.Insecure }), Is.Not.Null);
    }

    [Test]
    public async Task Any_authority_of_a_bundle_counts()
    {
        using var certificate = _authority.Issue("localhost");
        await using var api = await TestApi.StartAsync(AnswerPod, certificate);
        var bundle = $"{_stranger.ExportCertificatePem()}\n{_authority.ExportCertificatePem()}\n";
        Assert.That(await GetAsync(api, c => c with { Trust = ServerTrust.Authorities(bundle) }), Is.Not.Null);
    }

    [Test]
    public async Task A_certificate_for_another_host_is_refused_unless_that_name_is_asked_for()
    {
        using var certificate = _authority.Issue("api.internal");
        await using var api = await TestApi.StartAsync(AnswerPod, certificate);
        var trust = ServerTrust.Authorities(_authority.ExportCertificatePem());

        AssertRefused(api, c => c with { Trust = trust });
        AssertRefused(api, c => c with { Trust = trust, TlsServerName = "other.internal" });
        Assert.That(await GetAsync(api, c => c with { Trust = trust, TlsServerName = "api.internal" }), Is.Not.Null);
    }

    [Test]
    public async Task Authorities_that_are_replaced_count_for_new_requests()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        var file = folder.Write("ca.crt", _stranger.ExportCertificatePem());
        var trust = ServerTrust.Authorities(TextSource.File(file, ClientCertificateCredentials.FilePeriod, time, NullLogger.Instance));
        using var certificate = _authority.Issue("localhost");
        await using var api = await TestApi.StartAsync(AnswerPod, certificate);
        using var client = api.Client(c => c with { Trust = trust }, new() { Retries = 0 });

        Assert.That(async () => await client.GetAsync(KubernetesKinds.Pod, Key, default), Throws.TypeOf<HttpRequestException>());
        folder.Write("ca.crt", _authority.ExportCertificatePem());
        time.Advance(ClientCertificateCredentials.FilePeriod);
        Assert.That(await client.GetAsync(KubernetesKinds.Pod, Key, default), Is.Not.Null);

        folder.Write("ca.crt", "half a certif");
        time.Advance(ClientCertificateCredentials.FilePeriod);
        Assert.That(await client.GetAsync(KubernetesKinds.Pod, Key, default), Is.Not.Null, "what is no bundle replaces none");
    }

    [Test]
    public async Task A_client_certificate_that_is_renewed_is_shown_on_new_connections()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        using var server = _authority.Issue("localhost");
        using var first = _authority.Issue("first");
        using var second = _authority.Issue("second");
        TextSource Watched(string name, string text) =>
            TextSource.File(folder.Write(name, text), ClientCertificateCredentials.FilePeriod, time, NullLogger.Instance);
        var credentials = new ClientCertificateCredentials(
            Watched("crt", first.ExportCertificatePem()), Watched("key", first.KeyPem()), "test", KubernetesCredentials.Anonymous);
        var seen = new List<string?>();
        await using var api = await TestApi.StartAsync(context =>
        {
            seen.Add(context.Connection.ClientCertificate?.Subject);
            return AnswerPod(context);
        }, server, askForCertificate: true);
        using var client = api.Client(c => c with { Trust = ServerTrust.Authorities(_authority.ExportCertificatePem()), Credentials = credentials });

        await client.GetAsync(KubernetesKinds.Pod, Key, default);
        folder.Write("crt", second.ExportCertificatePem());
        time.Advance(ClientCertificateCredentials.FilePeriod);
        await client.GetAsync(KubernetesKinds.Pod, Key, default);
        folder.Write("key", second.KeyPem());
        await client.GetAsync(KubernetesKinds.Pod, Key, default);

        Assert.That(seen, Is.EqualTo(new[] { "CN=first", "CN=first", "CN=second" }), "a certificate without its new key waits for it");
    }
}
