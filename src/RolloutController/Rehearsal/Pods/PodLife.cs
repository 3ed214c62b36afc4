using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Pods;

/// <summary>One pod as scheduler and kubelet see it: it does one thing at a time, and each new one ends the one before.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="pod">The pod as it was first seen.</param>
/// <param name="script">How it lives.</param>
/// <param name="address">Its address.</param>
internal sealed class PodLife(EmbeddedCluster cluster, StoredObject pod, PodScript script, string address) : IDisposable
{
    /// <summary>The one node that there is.</summary>
    public const string Node = "rehearsal";

    // https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(10);

    // The container runtime's own times for images that it cannot get.
    private static readonly TimeSpan PullAttempt = TimeSpan.FromSeconds(1);

    /// <summary>The code with which containers exit that fail.</summary>
    private const int Error = 1;

    private readonly string? _restartPolicy = pod.Json.Text("spec", "restartPolicy");
    private readonly ReadinessProbe? _probe = ReadinessProbe.Of(pod);
    private CancellationTokenSource _current = new();
    private DateTimeOffset _boundAt;
    private DateTimeOffset _startedAt;
    private int _restarts;
    private int _crashes;
    private JsonObject? _lastState;

    /// <summary>The address.</summary>
    public string Address => address;

    /// <summary>Whether the pod was asked to go.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Whether its containers were started, and the pod has not ended.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Completes when the pod has done what it was last told; faults where the cluster refused to hear of it.</summary>
    public Task Task { get; private set; } = Task.CompletedTask;

    private DateTimeOffset Now => cluster.Clock.GetUtcNow();

    /// <summary>Begins the pod's life.</summary>
    public void Begin() => Next(BeginAsync);

    /// <summary>Has the pod, which runs, do something else.</summary>
    public void Turn(PodConduct conduct) => Next(cancellation => ConductAsync(conduct, cancellation));

    /// <summary>Ends the pod, which was asked to go.</summary>
    public void End(StoredObject asked)
    {
        IsEnding = true;
        Next(cancellation => EndAsync(asked, cancellation));
    }

    /// <summary>Leaves the pod as it is.</summary>
    public void Dispose()
    {
        _current.Cancel();
        _current.Dispose();
    }

    private void Next(Func<CancellationToken, Task> act)
    {
        _current.Cancel();
        _current.Dispose();
        _current = new CancellationTokenSource();
        Task = AfterAsync(Task, act, _current.Token);
    }

    private static async Task AfterAsync(Task before, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        await before;
        try
        {
            await act(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        await WaitAsync(script.Scheduling, cancellationToken);
        if (script.Conduct == PodConduct.Unschedulable)
        {
            Write(json => PodStatusReport.WriteUnschedulable(json, Now));
            return;
        }

        Bind();
        Report(PodStatusReport.Creating());
        if (script.Conduct == PodConduct.ImagePullFailure)
        {
            await FailToPullAsync(cancellationToken);
            return;
        }

        await WaitAsync(script.ImagePull, cancellationToken);
        Start();
        await ConductAsync(script.Conduct, cancellationToken);
        foreach (var turn in script.Turns)
        {
            await WaitAsync(turn.After, cancellationToken);
            if (!IsRunning)
                return;
            await ConductAsync(turn.Conduct, cancellationToken);
        }
    }

    private async Task ConductAsync(PodConduct conduct, CancellationToken cancellationToken)
    {
        switch (conduct)
        {
            case PodConduct.Ready:
                await BecomeReadyAsync(cancellationToken);
                break;
            case PodConduct.Unready:
                await WaitAsync(_probe?.UnreadyAfter ?? TimeSpan.Zero, cancellationToken);
                Report(PodStatusReport.Running(_startedAt, ready: false));
                break;
            case PodConduct.CrashLoop:
                do
                    await WaitAsync(script.CrashAfter, cancellationToken);
                while (await ExitAsync(Error, cancellationToken));
                break;
            case PodConduct.Restart:
                if (await ExitAsync(Error, cancellationToken))
                    await BecomeReadyAsync(cancellationToken);
                break;
            case PodConduct.Succeeds:
                await WorkAsync(exitCode: 0, cancellationToken);
                break;
            case PodConduct.Fails:
                await WorkAsync(Error, cancellationToken);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(conduct), conduct, "A pod that runs can neither become unschedulable nor lack its image.");
        }
    }

    private async Task BecomeReadyAsync(CancellationToken cancellationToken)
    {
        var since = Now - _startedAt;
        var left = (_probe?.ReadyAfter(script.StartUp) ?? script.StartUp) - since;
        // A pod that ran already and only was unready is seen at its next probe.
        await WaitAsync(left > TimeSpan.Zero ? left : _probe?.Period ?? TimeSpan.Zero, cancellationToken);
        Report(PodStatusReport.Running(_startedAt, ready: true));
    }

    /// <summary>The containers do their work and exit, again and again where they are started anew. Without a probe they count as ready meanwhile.</summary>
    private async Task WorkAsync(int exitCode, CancellationToken cancellationToken)
    {
        do
        {
            Report(PodStatusReport.Running(_startedAt, ready: _probe is null));
            await WaitAsync(script.RunsFor, cancellationToken);
        }
        while (await ExitAsync(exitCode, cancellationToken));
    }

    /// <summary>
    /// The containers exit. Where the pod has them started anew, that is at once the first time, then after 10 s, twice as long each time,
    /// 5 minutes at most.
    /// </summary>
    /// <returns>Whether they were started anew; the pod has ended otherwise.</returns>
    private async Task<bool> ExitAsync(int exitCode, CancellationToken cancellationToken)
    {
        if (_restartPolicy is "Never" || (_restartPolicy is "OnFailure" && exitCode == 0))
        {
            IsRunning = false;
            Report(PodStatusReport.Ended(_startedAt, Now, exitCode));
            return false;
        }

        _crashes = Now - _startedAt >= GoodRun ? 1 : _crashes + 1;
        _lastState = PodStatusReport.Terminated(_startedAt, Now, exitCode);
        if (_crashes > 1)
        {
            var wait = TimeSpan.FromTicks(Math.Min(FirstBackOff.Ticks << Math.Min(_crashes - 2, 10), LongestBackOff.Ticks));
            Report(PodStatusReport.BacksOff(wait, pod.Name));
            await WaitAsync(wait, cancellationToken);
        }

        _restarts++;
        Start();
        return true;
    }

    private async Task FailToPullAsync(CancellationToken cancellationToken)
    {
        var image = pod.Json.Items("spec", "containers").Select(container => container.Text("image")).FirstOrDefault();
        await WaitAsync(PullAttempt, cancellationToken);
        Report(PodStatusReport.PullFails("ErrImagePull", $"failed to pull and unpack image \"{image}\": not found"));
        await WaitAsync(FirstBackOff, cancellationToken);
        Report(PodStatusReport.PullFails("ImagePullBackOff", $"Back-off pulling image \"{image}\": not found"));
    }

    private async Task EndAsync(StoredObject asked, CancellationToken cancellationToken)
    {
        if (IsRunning)
        {
            var sleep = asked.Json.Items("spec", "containers").Select(container => container.Number("lifecycle", "preStop", "sleep", "seconds") ?? 0).DefaultIfEmpty().Max();
            var grace = TimeSpan.FromSeconds(asked.Json.Number("metadata", "deletionGracePeriodSeconds") ?? 30);
            var stop = script.Stop + TimeSpan.FromSeconds(sleep);
            await WaitAsync(stop < grace ? stop : grace, cancellationToken);
        }

        if (cluster.Find("pods", pod.Namespace, pod.Name)?.Uid == pod.Uid)
            cluster.Delete("pods", pod.Namespace, pod.Name, gracePeriodSeconds: 0);
    }

    private void Bind()
    {
        _boundAt = Now;
        cluster.Change("pods", pod.Namespace, pod.Name, json =>
        {
            if (json.Text("metadata", "uid") == pod.Uid && json.Text("spec", "nodeName") is null or "")
                json.Within("spec")["nodeName"] = Node;
        });
    }

    private void Start()
    {
        _startedAt = Now;
        IsRunning = true;
        cluster.Logs.Keep(pod, script.Log);
        Report(PodStatusReport.Running(_startedAt, ready: false));
    }

    private void Report(PodStatusReport report)
    {
        var full = report with { Restarts = _restarts, LastState = _lastState };
        Write(json => full.Write(json, address, _boundAt, Now));
    }

    private void Write(Action<JsonObject> edit) => cluster.Change(
        "pods", pod.Namespace, pod.Name,
        json =>
        {
            if (json.Text("metadata", "uid") == pod.Uid)
                edit(json);
        },
        "status");

    private Task WaitAsync(TimeSpan time, CancellationToken cancellationToken) =>
        time > TimeSpan.Zero ? Task.Delay(time, cluster.Clock, cancellationToken) : Task.CompletedTask;
}
