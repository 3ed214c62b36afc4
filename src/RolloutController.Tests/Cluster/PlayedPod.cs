using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>One pod as <see cref="KubeletPlayer"/> plays it: one thing at a time, each new one ending the one before.</summary>
internal sealed class PlayedPod(JsonObject pod) : IAsyncDisposable
{
    private static int s_seen;
    private static int s_addresses;

    private readonly Lock _gate = new();
    private CancellationTokenSource _current = new();
    private Task _playing = Task.CompletedTask;
    private Exception? _failure;

    /// <summary>The place among all pods, in order of appearance.</summary>
    public int Order { get; } = Interlocked.Increment(ref s_seen);

    /// <summary>The pod as it was last seen.</summary>
    public JsonObject Object { get; set; } = pod;

    /// <summary>Whether a node took the pod.</summary>
    public bool Started { get; private set; }

    /// <summary>Whether the pod was asked to go.</summary>
    public bool Ending { get; set; }

    /// <summary>The pod's own address; empty until it is started.</summary>
    public string Ip { get; private set; } = "";

    public string StartedAt { get; private set; } = "";

    public void Start()
    {
        Started = true;
        StartedAt = PodStatus.Now();
        // 254 hosts in each of 10.244.1.0/24 to 10.244.254.0/24: no address comes back while a test could mistake it.
        var number = Interlocked.Increment(ref s_addresses) - 1;
        Ip = $"10.244.{1 + (number / 254 % 254)}.{1 + (number % 254)}";
    }

    /// <summary>Ends what the pod does and lets it do something else.</summary>
    public void Next(Func<CancellationToken, Task> act)
    {
        lock (_gate)
        {
            _current.Cancel();
            _current.Dispose();
            _current = new CancellationTokenSource();
            _playing = AfterAsync(_playing, act, _current.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _current.CancelAsync();
        await _playing;
        _current.Dispose();
        if (_failure is not null)
            throw new InvalidOperationException($"The test bed could not play pod {Object.Name()}.", _failure);
    }

    private async Task AfterAsync(Task before, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await act(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (ClusterApiException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict || EndsWithItsNamespace(exception))
        {
            // Somebody deleted the pod, or all of its namespace; the watch tells.
        }
#pragma warning disable CA1031 // Told by DisposeAsync: nobody awaits a pod before the test ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure ??= exception;
        }
    }

    /// <summary>The API says so only in words.</summary>
    private static bool EndsWithItsNamespace(ClusterApiException refused) =>
        refused.Status == HttpStatusCode.Forbidden && refused.Message.Contains("because it is being terminated", StringComparison.Ordinal);
}
