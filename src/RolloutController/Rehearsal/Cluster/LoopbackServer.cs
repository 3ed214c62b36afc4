using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.Features;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>
/// Serves an embedded cluster on a loopback port, so that kubectl and other processes can use it. By HTTPS, since they send no token
/// without, with a certificate of its own that a kubeconfig carries.
/// </summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly X509Certificate2 _certificate;

    private LoopbackServer(WebApplication host, X509Certificate2 certificate) => (_host, _certificate) = (host, certificate);

    /// <summary>Where it is served.</summary>
    public Uri Address => new(_host.Urls.First());

    /// <summary>Starts to serve.</summary>
    /// <param name="server">What answers.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LoopbackServer> StartAsync(ApiServer server, int port, CancellationToken cancellationToken)
    {
        var certificate = NewCertificate();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "RolloutController" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 8 * 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.UseHttps(certificate));
        });
        var host = builder.Build();
        host.Run(context => AnswerAsync(server, context));
        await host.StartAsync(cancellationToken);
        return new LoopbackServer(host, certificate);
    }

    /// <summary>A kubeconfig for this server.</summary>
    /// <param name="token">The token to come with.</param>
    public string Kubeconfig(string token) =>
        $$"""
        apiVersion: v1
        kind: Config
        current-context: rehearsal
        clusters: [{name: rehearsal, cluster: {server: "{{Address.GetLeftPart(UriPartial.Authority)}}", certificate-authority-data: {{Authority}} } }]
        users: [{name: rehearsal, user: {token: "{{token}}"} }]
        contexts: [{name: rehearsal, context: {cluster: rehearsal, user: rehearsal, namespace: default} }]

        """;

    /// <summary>Ends it; watches that are open end too.</summary>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _host.StopAsync(now.Token);
        await _host.DisposeAsync();
        _certificate.Dispose();
    }

    private string Authority => Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(_certificate.ExportCertificatePem()));

    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=rehearsal", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        // The clock of those who connect is not the simulated one.
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddYears(1));
    }

    private static async Task AnswerAsync(ApiServer server, HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed.MediaType : null;
        var token = AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var authorization) ? authorization.Parameter : null;
        var answer = server.Answer(new ApiRequest(
            context.Request.Method, context.Request.Path.Value ?? "/", ApiRequest.ReadQuery(context.Request.QueryString.Value ?? ""),
            type ?? "", context.Request.Headers.Accept.ToString(), token, body.ToArray()));
        await (answer switch
        {
            ApiAnswer.Whole whole => WriteAsync(whole, context),
            ApiAnswer.Stream stream => FollowAsync(stream.Body, context),
            _ => throw new InvalidOperationException($"there is no answer {answer}"),
        });
    }

    private static async Task WriteAsync(ApiAnswer.Whole answer, HttpContext context)
    {
        context.Response.StatusCode = answer.Code;
        context.Response.ContentType = answer.MediaType;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private static async Task FollowAsync(WatchStream lines, HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // The headers are to go at once: the first line may take a while.
        await context.Response.StartAsync(context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await using (lines)
        {
            try
            {
                var buffer = new byte[64 * 1024];
                while (await lines.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
                    await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has seen enough.
            }
        }
    }
}
