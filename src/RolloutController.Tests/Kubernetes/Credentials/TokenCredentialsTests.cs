using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Credentials;

[TestFixture]
public sealed class TokenCredentialsTests
{
    private TemporaryFolder _folder = null!;
    private ManualTimeProvider _time = null!;
    private TokenCredentials _credentials = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TemporaryFolder();
        _time = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        _folder.Write("token", "first");
        _credentials = new TokenCredentials(TextSource.File(Path.Combine(_folder.Path, "token"), TokenCredentials.FilePeriod, _time, NullLogger.Instance));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    private async Task<string?> TokenAsync() => (await _credentials.GetAsync(default)).Authorization!.Parameter;

    [Test]
    public async Task The_file_is_read_again_after_its_period()
    {
        Assert.That(await TokenAsync(), Is.EqualTo("first"));
        _folder.Write("token", "second\n");
        _time.Advance(TokenCredentials.FilePeriod - TimeSpan.FromSeconds(1));
        Assert.That(await TokenAsync(), Is.EqualTo("first"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await TokenAsync(), Is.EqualTo("second"));
    }

    [Test]
    public async Task While_the_file_cannot_be_read_the_old_token_holds()
    {
        await TokenAsync();
        File.Delete(Path.Combine(_folder.Path, "token"));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await TokenAsync(), Is.EqualTo("first"));
    }

    [Test]
    public async Task A_refused_token_is_read_anew_at_once_and_the_request_sent_once_more()
    {
        await using var api = await TestApi.StartAsync(context =>
            context.Request.Headers.Authorization == "Bearer second" ? context.Json(Answers.Pod) : context.Status(401, "Unauthorized"));
        using var client = api.Client(configuration => configuration with { Credentials = _credentials });
        await TokenAsync();
        _folder.Write("token", "second");

        var pod = await client.GetAsync(KubernetesKinds.Pod, new ObjectKey("shop", "web-1"), default);

        Assert.That(pod!.Metadata.Name, Is.EqualTo("web-1"));
        Assert.That(api.Requests.Select(request => (string?)request.Headers.Authorization), Is.EqualTo(new[] { "Bearer first", "Bearer second" }));
    }

    [Test]
    public async Task A_token_that_did_not_change_is_not_sent_again()
    {
        await using var api = await TestApi.StartAsync(context => context.Status(401, "Unauthorized"));
        using var client = api.Client(configuration => configuration with { Credentials = _credentials });

        Assert.That(async () => await client.GetAsync(KubernetesKinds.Pod, new ObjectKey("shop", "web-1"), default),
            Throws.TypeOf<KubernetesApiException>().With.Property("StatusCode").EqualTo(System.Net.HttpStatusCode.Unauthorized));
        Assert.That(api.Requests, Has.Count.EqualTo(1));
    }
}
