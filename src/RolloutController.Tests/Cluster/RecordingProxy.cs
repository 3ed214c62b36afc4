using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RolloutController.Tests.Cluster;

/// <summary>A write that came through a <see cref="RecordingProxy"/>.</summary>
/// <param name="At">When it came.</param>
/// <param name="Status">What the API server answered; null when it did not.</param>
internal sealed record RecordedWrite(DateTimeOffset At, string Method, string Path, HttpStatusCode? Status)
{
    /// <summary>Whether the API server carried it out.</summary>
    public bool IsDone => Status is >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices;

    /// <summary>Whether it is the leader's Lease that is written.</summary>
    public bool IsOfLease => Path.Contains("/leases", StringComparison.Ordinal);

    public override string ToString() => $"{At:HH:mm:ss.fff} {Method} {Path}: {(Status is { } status ? (int)status : "no answer")}";
}

/// <summary>Stands between one client and the API server, and remembers every write of that client: who wrote what cannot be told from the objects.</summary>
internal sealed class RecordingProxy : IAsyncDisposable
{
    private static readonly HashSet<string> s_ofConnection = new(StringComparer.OrdinalIgnoreCase) { "Host", "Connection", "Transfer-Encoding", "Content-Length", "Keep-Alive", "Upgrade" };

    private readonly ConcurrentQueue<RecordedWrite> _writes = [];
    private readonly HttpMessageInvoker _upstream = new(new HttpClientHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        // The API server of a test cluster signs its own certificate; nothing secret travels there.
        ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
    });

    private readonly X509Certificate2 _certificate = SelfSigned();
    private readonly WebApplication _server;
    private readonly Uri _api;

    private RecordingProxy(Uri api, int port)
    {
        _api = api;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(server =>
        {
            // A client that is frozen reads nothing for a while, and keeps its connection as it would with an API server.
            server.Limits.MinResponseDataRate = null;
            server.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(_certificate));
        });
        _server = builder.Build();
        _server.Run(ForwardAsync);
    }

    /// <summary>All writes so far.</summary>
    public IReadOnlyList<RecordedWrite> Writes => [.. _writes];

    /// <summary>Starts one, and writes a kubeconfig that leads through it.</summary>
    /// <param name="kubeconfig">The client's kubeconfig.</param>
    /// <param name="through">The file to write: the same one by way of the proxy.</param>
    public static async Task<RecordingProxy> StartAsync(string kubeconfig, string through, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(kubeconfig, cancellationToken);
        var api = Yaml.Parse(text).Text("clusters.0.cluster.server")!;
        var port = ChildProcess.FreePort();
        var proxy = new RecordingProxy(new Uri(api), port);
        await proxy._server.StartAsync(cancellationToken);
        await File.WriteAllTextAsync(through, text.Replace(api, $"https://127.0.0.1:{port}/", StringComparison.Ordinal), cancellationToken);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        // Watches of a client that is gone are not waited for.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
        _upstream.Dispose();
        _certificate.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var isWrite = !HttpMethods.IsGet(context.Request.Method);
        var at = DateTimeOffset.UtcNow;
        HttpStatusCode? status = null;
        try
        {
            using var request = await RequestAsync(context.Request);
            using var response = await _upstream.SendAsync(request, context.RequestAborted);
            status = response.StatusCode;
            await CopyAsync(response, context);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            if (isWrite)
                _writes.Enqueue(new RecordedWrite(at, context.Request.Method, context.Request.Path, status));
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpRequest from)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(_api, $"{from.Path.ToUriComponent()}{from.QueryString.ToUriComponent()}"));
        using var body = new MemoryStream();
        await from.Body.CopyToAsync(body, from.HttpContext.RequestAborted);
        if (body.Length > 0)
            request.Content = new ByteArrayContent(body.ToArray());
        foreach (var (name, values) in from.Headers.Where(header => !header.Key.StartsWith(':') && !s_ofConnection.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        return request;
    }

    private static async Task CopyAsync(HttpResponseMessage from, HttpContext context)
    {
        context.Response.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.Concat(from.Content.Headers).Where(header => !s_ofConnection.Contains(header.Key)))
            context.Response.Headers[name] = values.ToArray();
        // A watch begins before its first event.
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await from.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=recording-proxy", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
