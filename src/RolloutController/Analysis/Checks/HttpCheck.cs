using System.Net;
using RolloutController.Api;
using RolloutController.Endpoints;

namespace RolloutController.Analysis.Checks;

/// <summary>Sends a request to each of a version's pods. The worst answer counts; where a value is asked for, the highest.</summary>
public sealed class HttpCheck : ICheck
{
    /// <summary>A bigger version is judged by as many of its pods.</summary>
    public const int MaxPods = 10;

    private const int MaxBody = 64 * 1024;

    private readonly HttpCheckSpec _spec;
    private readonly Func<IReadOnlyList<PodTarget>> _canary;
    private readonly Func<IReadOnlyList<PodTarget>> _stable;
    private readonly bool _compares;
    private readonly Func<SecretKeyReference, CancellationToken, Task<string>> _secret;
    private readonly HttpMessageInvoker _transport;
    private readonly TimeProvider _clock;

    /// <summary>Prepares the looks at a version.</summary>
    /// <param name="spec">The request, and what is wanted of the answer.</param>
    /// <param name="canary">The ready pods of the version, asked for at every look.</param>
    /// <param name="stable">The ready pods of the version that it replaces.</param>
    /// <param name="compares">Whether the value is compared with the stable version's.</param>
    /// <param name="secret">Reads a Secret's key; throws <see cref="CheckException"/> where that cannot be.</param>
    /// <param name="transport">What carries the requests.</param>
    /// <param name="clock">The clock.</param>
    public HttpCheck(
        HttpCheckSpec spec,
        Func<IReadOnlyList<PodTarget>> canary,
        Func<IReadOnlyList<PodTarget>> stable,
        bool compares,
        Func<SecretKeyReference, CancellationToken, Task<string>> secret,
        HttpMessageInvoker transport,
        TimeProvider clock)
    {
        (_spec, _canary, _stable, _compares, _secret, _transport, _clock) = (spec, canary, stable, compares, secret, transport, clock);
    }

    /// <inheritdoc/>
    public async Task<CheckLook> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var headers = await HeadersAsync(cancellationToken);
            return await LookAsync(headers, cancellationToken);
        }
        catch (CheckException wrong)
        {
            return new CheckLook.Unknown(_clock.GetUtcNow(), wrong.Class, wrong.Message);
        }
    }

    private async Task<CheckLook> LookAsync(IReadOnlyList<(string, string)> headers, CancellationToken cancellationToken)
    {
        var replies = await AskAsync(_canary(), headers, cancellationToken);
        if (replies.Count == 0)
            return new CheckLook.Unknown(_clock.GetUtcNow(), DataClass.NoData, "no pod of it is ready to be asked");
        if (replies.All(reply => reply.IsUnreachable) && await AskAsync(_stable(), headers, cancellationToken) is { Count: > 0 } others && others.All(reply => reply.IsUnreachable))
            return new CheckLook.Unknown(_clock.GetUtcNow(), DataClass.ProviderError, "pods cannot be reached from the controller, those of the stable version neither; is a NetworkPolicy in the way?");
        if (replies.FirstOrDefault(reply => reply.Wrong is not null) is { } worst)
            return new CheckLook.Failed(_clock.GetUtcNow(), $"pod {worst.Pod} {worst.Wrong} ({_spec.Path})");
        if (_spec.Value is not { } pointer)
            return new CheckLook.Passed(_clock.GetUtcNow(), replies.Count == 1 ? "1 pod answers as it should" : $"{replies.Count} pods answer as they should");

        var highest = replies.MaxBy(reply => reply.Value)!;
        var stable = _compares ? await StableAsync(headers, cancellationToken) : null;
        var beside = stable is { } value ? $", {CheckNumber.Format(value)} in the stable version" : "";
        return new CheckLook.Measured(
            _clock.GetUtcNow(), highest.Value!.Value, stable, $"{pointer} is {CheckNumber.Format(highest.Value.Value)} in pod {highest.Pod}{beside}");
    }

    private async Task<double?> StableAsync(IReadOnlyList<(string, string)> headers, CancellationToken cancellationToken) =>
        (await AskAsync(_stable(), headers, cancellationToken)).Max(reply => reply.Value);

    private async Task<IReadOnlyList<Reply>> AskAsync(IReadOnlyList<PodTarget> pods, IReadOnlyList<(string, string)> headers, CancellationToken cancellationToken) =>
        await Task.WhenAll(pods.Where(pod => pod.IsReachable).OrderBy(pod => pod.Name, StringComparer.Ordinal).Take(MaxPods).Select(pod => AskAsync(pod, headers, cancellationToken)));

    private async Task<Reply> AskAsync(PodTarget pod, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        if (pod.Port is null)
            throw new CheckException(DataClass.ConfigError, $"no container of pod {pod.Name} has the port {_spec.Port?.Text ?? "that is asked"}; write http.port, or name the port in the template");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{(_spec.Scheme == HttpScheme.HTTPS ? "https" : "http")}://{pod.Authority}{_spec.Path}");
        request.Headers.UserAgent.ParseAdd("rollout-controller");
        request.Headers.Add("X-Request-ID", Guid.NewGuid().ToString("N"));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        using var late = new CancellationTokenSource(_spec.MaxLatency, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            using var response = await _transport.SendAsync(request, either.Token);
            var (wrong, value) = HttpExpectations.Judge(_spec, await ReadAsync(response, either.Token));
            return new Reply(pod.Name, wrong, value);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new Reply(pod.Name, $"takes longer than {GatewayDuration.Format(_spec.MaxLatency)}", null);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return new Reply(pod.Name, "does not answer", null) { IsUnreachable = true };
        }
    }

    private static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        (int)response.StatusCode,
        name => response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null,
        await BoundedBody.ReadAsync(response.Content, MaxBody, cancellationToken));

    private async Task<IReadOnlyList<(string, string)>> HeadersAsync(CancellationToken cancellationToken)
    {
        var headers = new List<(string, string)>();
        foreach (var header in _spec.Headers)
        {
            var value = header.SecretKeyRef is { } secret ? (await _secret(secret, cancellationToken)).TrimEnd('\r', '\n') : header.Value ?? "";
            if (value.Any(char.IsControl))
                throw new CheckException(DataClass.ConfigError, $"the value of header {header.Name} has control characters, which no header can have; write it on one line");
            headers.Add((header.Name, value));
        }

        return headers;
    }

    private sealed record Reply(string Pod, string? Wrong, double? Value)
    {
        public bool IsUnreachable { get; init; }
    }
}

/// <summary>Carries requests to pods: straight to their addresses, with nothing that could lead them elsewhere.</summary>
public static class PodConnection
{
    /// <summary>Opens it: no redirects, cookies, proxy or decompression.</summary>
    public static SocketsHttpHandler Open() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = 16,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // A pod is asked by its address, for which no authority vouches; the kubelet's probes do not ask, either.
#pragma warning disable CA5359
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    };
}
