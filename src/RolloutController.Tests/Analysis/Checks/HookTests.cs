using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Checks;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis.Checks;

/// <summary>Questions over the network, to a server on loopback.</summary>
[CancelAfter(60_000)]
public sealed class HookTests
{
    private const string Hostile = "HOSTILE";

    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private string _folder = "";
    private WebApplication? _server;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("rollout-hook").FullName;

    [TearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
        Directory.Delete(_folder, recursive: true);
    }

    [TestCase("""{"verdict":"proceed"}""", typeof(CheckLook.Passed), "hook approvals lets it proceed")]
    [TestCase("""{"verdict":"proceed","message":"freeze is over","more":1}""", typeof(CheckLook.Passed), "hook approvals lets it proceed: freeze is over")]
    [TestCase("""{"verdict":"hold","message":"nobody\nhas approved"}""", typeof(CheckLook.Pending), "hook approvals holds it: nobodyhas approved")]
    [TestCase("""{"verdict":"rollback"}""", typeof(CheckLook.Failed), "hook approvals wants it rolled back")]
    public async Task The_three_verdicts(string body, Type look, string message, CancellationToken token)
    {
        var found = await AskAsync(await ServerAsync(context => context.Response.WriteAsync(body, token)), token);
        Assert.That(found, Is.InstanceOf(look).With.Message.EqualTo(message));
    }

    [Test]
    public async Task A_message_that_is_too_long_is_cut_between_characters([Range(197, 201)] int before, CancellationToken token)
    {
        var body = $$"""{"verdict":"hold","message":"{{new string('x', before)}}😀 is what they said"}""";
        var found = await AskAsync(await ServerAsync(context => context.Response.WriteAsync(body, token)), token);
        Assert.That(found.Message, Does.Match("^hook approvals holds it: x+(😀)?…$").And.Length.InRange("hook approvals holds it: ".Length + 199, "hook approvals holds it: ".Length + 200));
    }

    [Test]
    public async Task An_answer_without_content_lets_it_proceed(CancellationToken token) => Assert.That(
        await AskAsync(await ServerAsync(Status(204)), token), Is.InstanceOf<CheckLook.Passed>());

    [TestCase("")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"verdict":"Proceed"}""")]
    [TestCase("""{"verdict":true}""")]
    [TestCase("<html>HOSTILE</html>")]
    public async Task Anything_else_is_unknown_and_never_repeated(string body, CancellationToken token)
    {
        var look = await AskAsync(await ServerAsync(context => context.Response.WriteAsync(body, token)), token);
        Assert.That(look, Is.InstanceOf<CheckLook.Unknown>().With.Property("Class").EqualTo(DataClass.ProviderError));
        Assert.That(look.Message, Does.Contain("did not answer with a verdict").And.Not.Contain(Hostile));
    }

    [Test]
    public async Task An_endless_answer_is_unknown(CancellationToken token)
    {
        var body = $$"""{"verdict":"proceed","message":"{{new string('x', 70_000)}}"}""";
        Assert.That(await AskAsync(await ServerAsync(context => context.Response.WriteAsync(body, token)), token), Is.InstanceOf<CheckLook.Unknown>());
    }

    [TestCase(302, DataClass.ConfigError)]
    [TestCase(401, DataClass.ConfigError)]
    [TestCase(404, DataClass.ConfigError)]
    [TestCase(500, DataClass.ProviderError)]
    public async Task Refusals_are_not_tried_again(int status, DataClass expected, CancellationToken token)
    {
        var asked = 0;
        var look = await AskAsync(await ServerAsync(context => { asked++; return Status(status)(context); }), token);
        Assert.That(look, Is.InstanceOf<CheckLook.Unknown>().With.Property("Class").EqualTo(expected));
        Assert.That(asked, Is.EqualTo(1));
    }

    [Test]
    public async Task What_passes_is_tried_again_with_the_same_key(CancellationToken token)
    {
        var asked = new List<(string Key, string Id)>();
        var address = await ServerAsync(context =>
        {
            asked.Add((context.Request.Headers["Idempotency-Key"].ToString(), context.Request.Headers["X-Request-ID"].ToString()));
            return asked.Count < 3 ? Status(503)(context) : context.Response.WriteAsync("""{"verdict":"proceed"}""", token);
        });
        using var hook = new Hook(new HookOptions("approvals", address), _clock);

        var asking = hook.AskAsync(Question(), token);
        await _clock.RunUntilAsync(() => asking.IsCompleted, token);

        Assert.That(await asking, Is.InstanceOf<CheckLook.Passed>());
        Assert.That(asked.Select(one => one.Key).Distinct().ToList(), Has.Count.EqualTo(1).And.All.Not.Empty);
        Assert.That(asked.Select(one => one.Id).Distinct().ToList(), Has.Count.EqualTo(3));
        await AskAsync(address, token);
        Assert.That(asked[^1].Key, Is.Not.EqualTo(asked[0].Key), "another look is another question");
    }

    [Test]
    public async Task The_question_says_all_and_is_signed(CancellationToken token)
    {
        var (body, signature, authorization) = ("", "", "");
        var address = await ServerAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            body = await reader.ReadToEndAsync(token);
            (signature, authorization) = (context.Request.Headers["X-Rollout-Signature"].ToString(), context.Request.Headers.Authorization.ToString());
            context.Response.StatusCode = 204;
        });
        var options = new HookOptions("approvals", address) { SigningKeyFile = Write("key", "s3cret\n"), BearerTokenFile = Write("token", "t0ken") };

        Assert.That(await AskAsync(options, token), Is.InstanceOf<CheckLook.Passed>());

        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(body), JsonNode.Parse("""
            {"version":"v1","time":"2026-01-01T00:00:00.000Z","check":"approved","namespace":"shops","rollout":"shop","revision":"new","stableRevision":"old",
             "stage":"Judging","weight":25,"parameters":{"team":"shop"}}
            """)), body);
        Assert.That(signature, Is.EqualTo($"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("s3cret"u8, Encoding.UTF8.GetBytes(body)))}"));
        Assert.That(authorization, Is.EqualTo("Bearer t0ken"));
    }

    [Test]
    public async Task A_key_that_cannot_be_read_is_for_the_operator(CancellationToken token)
    {
        var options = new HookOptions("approvals", await ServerAsync(Status(204))) { SigningKeyFile = Path.Combine(_folder, "none") };
        Assert.That(await AskAsync(options, token), Is.InstanceOf<CheckLook.Unknown>().With.Property("Class").EqualTo(DataClass.ConfigError).And.Message.Not.Contains(_folder));
    }

    [Test]
    public async Task A_certificate_is_shown_where_one_is_asked_for(CancellationToken token)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string? shown = null;
        var address = await ServerAsync(
            context =>
            {
                shown = context.Connection.ClientCertificate?.Subject;
                return Status(204)(context);
            },
            certificate);
        var options = new HookOptions("approvals", address)
        {
            CertificateAuthorityFile = Write("ca.pem", certificate.ExportCertificatePem()),
            ClientCertificateFile = Write("client.pem", certificate.ExportCertificatePem()),
            ClientKeyFile = Write("client.key", key.ExportPkcs8PrivateKeyPem()),
        };

        Assert.That(await AskAsync(options, token), Is.InstanceOf<CheckLook.Passed>());
        Assert.That(shown, Is.EqualTo("CN=127.0.0.1"));

        File.WriteAllText(options.ClientKeyFile, "no key");
        Assert.That(await AskAsync(options, token), Is.InstanceOf<CheckLook.Unknown>().With.Property("Class").EqualTo(DataClass.ConfigError).And.Message.Contains("cannot read a token, key or certificate"));
    }

    private Task<CheckLook> AskAsync(Uri address, CancellationToken token) => AskAsync(new HookOptions("approvals", address), token);

    private async Task<CheckLook> AskAsync(HookOptions options, CancellationToken token)
    {
        using var hook = new Hook(options, _clock);
        return await new HookCheck(hook, Question).LookAsync(token);
    }

    private static HookQuestion Question() => new()
    {
        Time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Check = "approved",
        Namespace = "shops",
        Rollout = "shop",
        Revision = "new",
        StableRevision = "old",
        Stage = StepStage.Judging,
        Weight = 25,
        Parameters = new Dictionary<string, string> { ["team"] = "shop" },
    };

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static RequestDelegate Status(int status) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = "http://127.0.0.2/";
        return Task.CompletedTask;
    };

    private async Task<Uri> ServerAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint =>
        {
            if (certificate is not null)
            {
                endpoint.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        _server = builder.Build();
        _server.Run(answer);
        await _server.StartAsync();
        return new Uri(_server.Urls.Single());
    }
}
