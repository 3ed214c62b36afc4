using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>A second provider of metrics: it passes questions on to a real Prometheus, or takes them and never answers.</summary>
internal sealed class SwitchedProvider : IAsyncDisposable
{
    private readonly HttpClient _prometheus = new();
    private readonly WebApplication _server;
    private readonly Uri _behind;
    private TaskCompletionSource? _hanging;

    private SwitchedProvider(Uri behind)
    {
        _behind = behind;
        Url = new Uri($"http://127.0.0.1:{ChildProcess.FreePort()}");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Url.ToString());
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public Uri Url { get; }

    public static async Task<SwitchedProvider> StartAsync(Uri behind, CancellationToken cancellationToken)
    {
        var provider = new SwitchedProvider(behind);
        await provider._server.StartAsync(cancellationToken);
        return provider;
    }

    /// <summary>From now on every question is taken and none is answered.</summary>
    public void Hang() => _hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on it answers again.</summary>
    public void Answer()
    {
        _hanging?.SetResult();
        _hanging = null;
    }

    public async ValueTask DisposeAsync()
    {
        Answer();
        await _server.DisposeAsync();
        _prometheus.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            if (_hanging is { } hanging)
                await hanging.Task.WaitAsync(context.RequestAborted);
            using var question = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_behind, $"{context.Request.Path}{context.Request.QueryString}"));
            if (context.Request.ContentType is { } type)
            {
                using var reader = new StreamReader(context.Request.Body);
                question.Content = new StringContent(await reader.ReadToEndAsync(context.RequestAborted));
                question.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
            }
            using var answer = await _prometheus.SendAsync(question, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has given up.
        }
    }
}
