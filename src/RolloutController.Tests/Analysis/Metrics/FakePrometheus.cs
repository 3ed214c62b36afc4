using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace RolloutController.Tests.Analysis.Metrics;

/// <summary>A web server on loopback that answers every request as a test wants.</summary>
internal sealed class FakePrometheus : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private FakePrometheus(RequestDelegate answer, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint =>
        {
            if (certificate is not null)
                endpoint.UseHttps(certificate);
        }));
        _app = builder.Build();
        _app.Run(async context =>
        {
            Interlocked.Increment(ref _requests);
            await answer(context);
        });
    }

    public Uri Address => new(_app.Urls.Single());

    public int Requests => Volatile.Read(ref _requests);

    public static async Task<FakePrometheus> StartAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var fake = new FakePrometheus(answer, certificate);
        await fake._app.StartAsync();
        return fake;
    }

    public static RequestDelegate Json(string body, int status = 200, string contentType = "application/json") => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(body);
    };

    public static string Matrix(params string[] series) =>
        """{"status":"success","data":{"resultType":"matrix","result":[""" + string.Join(',', series) + "]}}";

    public async ValueTask DisposeAsync()
    {
        // Hanging answers must not hold the test up.
        using var now = new CancellationTokenSource(0);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
