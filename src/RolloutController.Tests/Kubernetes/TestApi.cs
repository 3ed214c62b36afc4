using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>A server on loopback that answers as a test says, and remembers what it was asked.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestApi(WebApplication application, ConcurrentQueue<Asked> requests)
    {
        _application = application;
        Requests = requests;
    }

    /// <summary>A request as it came; a feature of its own <see cref="HttpContext"/> as well, because its body can be read only once.</summary>
    public sealed record Asked(string Method, string Path, IQueryCollection Query, IHeaderDictionary Headers, string Body);

    public ConcurrentQueue<Asked> Requests { get; }

    public Uri Address => new(_application.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    public static async Task<TestApi> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null, bool askForCertificate = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            if (certificate is not null)
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = askForCertificate
                        ? Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.AllowCertificate
                        : Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.NoCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        var application = builder.Build();
        var requests = new ConcurrentQueue<Asked>();
        application.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var asked = new Asked(context.Request.Method, context.Request.Path, context.Request.Query,
                new HeaderDictionary(context.Request.Headers.ToDictionary()), await reader.ReadToEndAsync());
            requests.Enqueue(asked);
            context.Features.Set(asked);
            await answer(context);
        });
        await application.StartAsync();
        return new TestApi(application, requests);
    }

    public KubernetesClient Client(Func<KubernetesConfiguration, KubernetesConfiguration>? change = null, KubernetesClientOptions? options = null, TimeProvider? time = null)
    {
        var configuration = new KubernetesConfiguration { Server = Address };
        return new KubernetesClient(change?.Invoke(configuration) ?? configuration, options ?? new() { RetryDelay = TimeSpan.FromMilliseconds(1) }, time);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}

internal static class Answers
{
    public const string Pod = """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"shop","resourceVersion":"7"}}""";

    public static Task Json(this HttpContext context, string json, int code = 200)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, context.RequestAborted);
    }

    public static Task Status(this HttpContext context, int code, string reason, string message = "no", string details = "{}") =>
        context.Json($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}},"details":{{details}}}""", code);
}
