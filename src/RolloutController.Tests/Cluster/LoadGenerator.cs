using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// Sends requests at a steady rate whatever the answers take, half of them over connections that are kept and half over one
/// of their own each.
/// </summary>
internal sealed class LoadGenerator : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentQueue<Answer> _answers = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Uri _url;
    private readonly HttpClient _kept = Client(TimeSpan.FromMinutes(10));
    private readonly HttpClient _fresh = Client(TimeSpan.Zero);
    private readonly Task _sending;

    private LoadGenerator(Uri url, int requestsPerSecond, TimeSpan bound)
    {
        _url = url;
        _stop.CancelAfter(bound);
        _sending = SendAsync(requestsPerSecond);
    }

    /// <summary>How long it has been sending: the clock of <see cref="Answer.Second"/>.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>Starts to send; it stops by itself after <paramref name="bound"/>.</summary>
    public static LoadGenerator Start(Uri url, int requestsPerSecond, TimeSpan bound) => new(url, requestsPerSecond, bound);

    /// <summary>Sends for a time and reports.</summary>
    public static async Task<LoadReport> RunAsync(Uri url, int requestsPerSecond, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var load = Start(url, requestsPerSecond, duration);
        await load._sending.WaitAsync(cancellationToken);
        return load.Report();
    }

    /// <summary>What was answered up to now.</summary>
    public LoadReport Report() => new([.. _answers]);

    /// <summary>Stops, waits for the requests under way, and reports.</summary>
    public async Task<LoadReport> StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        return Report();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _kept.Dispose();
        _fresh.Dispose();
        _stop.Dispose();
    }

    private static HttpClient Client(TimeSpan connectionLifetime) =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = connectionLifetime, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };

    private async Task SendAsync(int requestsPerSecond)
    {
        var underWay = new List<Task>();
        using var timer = new PeriodicTimer(Tick);
        for (var sent = 0; await NextAsync(timer);)
        {
            var due = (int)(Elapsed.TotalSeconds * requestsPerSecond);
            for (; sent < due; sent++)
                underWay.Add(SendOneAsync(sent % 2 == 0 ? _kept : _fresh));
            underWay.RemoveAll(task => task.IsCompleted);
        }
        await Task.WhenAll(underWay);
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task SendOneAsync(HttpClient http)
    {
        var second = (int)Elapsed.TotalSeconds;
        try
        {
            using var response = await http.GetAsync(_url);
            var version = response.Headers.TryGetValues("X-Version", out var values) ? string.Concat(values) : "";
            _answers.Enqueue(new Answer(second, version, response.StatusCode, null));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            _answers.Enqueue(new Answer(second, "", null, exception.Message));
        }
    }
}

/// <summary>What became of one request.</summary>
/// <param name="Second">The second in which it was sent, from the start of the load.</param>
/// <param name="Version">The version of the pod that answered; empty when no pod did.</param>
/// <param name="Status">The status; null when there was no answer at all.</param>
/// <param name="Problem">Why there was no answer.</param>
internal sealed record Answer(int Second, string Version, HttpStatusCode? Status, string? Problem)
{
    public bool Failed => Status != HttpStatusCode.OK;
}

/// <summary>What a load met.</summary>
internal sealed record LoadReport(IReadOnlyList<Answer> Answers)
{
    public int Total => Answers.Count;

    /// <summary>The seconds in which requests were sent.</summary>
    public int Seconds => Answers.Select(answer => answer.Second).Distinct().Count();

    /// <summary>Requests that were not answered 200.</summary>
    public int Failures => Answers.Count(answer => answer.Failed);

    /// <summary>Failures that no pod answered: what users lose to the rollout itself, not to the version.</summary>
    public int Lost => Answers.Count(answer => answer.Failed && answer.Version.Length == 0);

    /// <summary>The percentage of all requests that a version answered.</summary>
    public double Percent(string version) => Total == 0 ? 0 : 100.0 * Answers.Count(answer => answer.Version == version) / Total;

    /// <summary>The answers of some seconds only; <paramref name="to"/> is not included.</summary>
    public LoadReport Between(int from, int to) => new([.. Answers.Where(answer => answer.Second >= from && answer.Second < to)]);

    /// <summary>A line a second: how many answers of which version and status.</summary>
    public override string ToString() => string.Join('\n', Answers.GroupBy(answer => answer.Second).OrderBy(second => second.Key).Select(second =>
        $"{second.Key,4} s: " + string.Join(", ", second.GroupBy(answer => (answer.Version, What: answer.Status is { } status ? $"{(int)status}" : answer.Problem))
            .OrderBy(group => group.Key).Select(group => $"{(group.Key.Version.Length == 0 ? "no pod" : group.Key.Version)} {group.Key.What} ×{group.Count()}"))));
}
