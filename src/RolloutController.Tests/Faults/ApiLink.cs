using System.Globalization;
using System.Net;
using System.Text;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Faults;

/// <summary>The way of one process to the API, on which faults lie.</summary>
internal sealed class ApiLink(FaultBed bed, ControllerInstance process) : DelegatingHandler(new ApiHandler(new ApiServer(bed.Cluster)))
{
    private readonly CancellationTokenSource _cutOff = new();

    /// <summary>Ends whatever is on its way, and lets nothing pass any more.</summary>
    public void CutOff() => _cutOff.Cancel();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _cutOff.Token.ThrowIfCancellationRequested();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cutOff.Token);
        if (process.IsDead)
            return await Outside.NeverAsync<HttpResponseMessage>(either.Token);
        var call = bed.Begin(process, request);
        if (process.IsLooping)
            return await HangAsync(call, after: false, request, either.Token);
        var fault = bed.FaultAt(call);
        if (fault is Fault.ClockJump jump)
            process.Clock.Jump(jump.By);
        if (fault is Fault.FrozenCache frozen)
            process.FrozenCaches[frozen.Plural] = bed.Now + frozen.For;
        return fault switch
        {
            Fault.Crash or Fault.StaleRestart => await CrashAsync(call, fault, request, either.Token),
            Fault.Refusal refusal => await RefuseAsync(call, refusal, request),
            Fault.Reset reset => await ResetAsync(call, reset, request),
            Fault.Hang hang => await HangAsync(call, hang.After, request, either.Token),
            Fault.Slow slow => await SlowAsync(call, slow, request, either.Token),
            Fault.Freeze freeze => await FreezeAsync(call, freeze, request),
            Fault.StaleList stale when call.Verb == "list" => Stale(call, bed.Version - stale.Commits),
            _ => await PassAsync(call, request),
        };
    }

    protected override void Dispose(bool disposing)
    {
        _cutOff.Dispose();
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> CrashAsync(ApiCall call, Fault fault, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (fault is not Fault.Crash { After: false })
            await PassAsync(call, request);
        if (fault is Fault.StaleRestart stale)
            bed.NextLag = (bed.Version - stale.Commits, stale.For);
        process.Kill();
        return await Outside.NeverAsync<HttpResponseMessage>(cancellationToken);
    }

    private async Task<HttpResponseMessage> RefuseAsync(ApiCall call, Fault.Refusal refusal, HttpRequestMessage request)
    {
        if (refusal.After)
            await PassAsync(call, request);
        return Refused(refusal);
    }

    private async Task<HttpResponseMessage> ResetAsync(ApiCall call, Fault.Reset reset, HttpRequestMessage request)
    {
        if (reset.After)
            await PassAsync(call, request);
        // What the client cannot tell from the other, it may not repeat; where nothing was sent at all, it may.
        throw reset.After
            ? new HttpRequestException(HttpRequestError.ResponseEnded, "The response ended prematurely.")
            : new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
    }

    private async Task<HttpResponseMessage> HangAsync(ApiCall call, bool after, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (after)
            await PassAsync(call, request);
        return await Outside.NeverAsync<HttpResponseMessage>(cancellationToken);
    }

    private async Task<HttpResponseMessage> SlowAsync(ApiCall call, Fault.Slow slow, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await PassAsync(call, request);
        await Task.Delay(slow.For, bed.Time, cancellationToken);
        await process.RunningAsync(cancellationToken);
        return answer;
    }

    private async Task<HttpResponseMessage> FreezeAsync(ApiCall call, Fault.Freeze freeze, HttpRequestMessage request)
    {
        process.Freeze();
        bed.ThawLater(process, freeze.For);
        if (freeze.After)
        {
            var answer = await PassAsync(call, request);
            await process.RunningAsync(_cutOff.Token);
            return answer;
        }

        // What was on its way goes out when the process goes on, whatever that has given up on by then.
        await process.RunningAsync(_cutOff.Token);
        return await PassAsync(call, request);
    }

    private async Task<HttpResponseMessage> PassAsync(ApiCall call, HttpRequestMessage request)
    {
        if (call.Verb == "list" && process.Lag is { } lag && bed.Now < lag.Until)
            return Stale(call, lag.Version);
        bed.Writing = call;
        var answer = await base.SendAsync(request, CancellationToken.None);
        bed.Writing = null;
        bed.End(call, answer);
        if (!call.IsWatch || !answer.IsSuccessStatusCode)
            return answer;
        var watch = new WatchPump(bed, process, call, await answer.Content.ReadAsStreamAsync(CancellationToken.None), _cutOff.Token);
        watch.Begin();
        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new StreamContent(watch.Body) };
    }

    /// <summary>A list as it was some commits ago.</summary>
    private HttpResponseMessage Stale(ApiCall call, long version)
    {
        var resource = bed.Cluster.Resources.Stored(call.Plural);
        var (items, at) = bed.Cluster.List(resource, null, Math.Max(version, 1));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new ReadOnlyMemoryContent(new ListPage(items, at, "", 0).Write(resource)) };
    }

    private static HttpResponseMessage Refused(Fault.Refusal refusal)
    {
        var code = (int)refusal.Code;
        var reason = refusal.Code switch
        {
            HttpStatusCode.Conflict => "Conflict",
            HttpStatusCode.TooManyRequests => "TooManyRequests",
            HttpStatusCode.InternalServerError => "InternalError",
            HttpStatusCode.ServiceUnavailable => "ServiceUnavailable",
            HttpStatusCode.GatewayTimeout => "Timeout",
            HttpStatusCode.Forbidden => "Forbidden",
            HttpStatusCode.NotFound => "NotFound",
            HttpStatusCode.UnprocessableEntity => "Invalid",
            _ => "",
        };
        var answer = new HttpResponseMessage(refusal.Code)
        {
            Content = new ReadOnlyMemoryContent(Encoding.UTF8.GetBytes(
                $$"""{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "{{reason}}", "code": {{code}}, "message": "a fault that was put here: {{code}}"}""")),
        };
        if (refusal.RetryAfter is { } seconds)
            answer.Headers.Add("Retry-After", seconds.ToString(CultureInfo.InvariantCulture));
        return answer;
    }
}
