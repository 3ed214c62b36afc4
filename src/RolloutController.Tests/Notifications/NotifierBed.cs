using Microsoft.AspNetCore.Http;
using RolloutController.Notifications;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Notifications;

/// <summary>A notifier that runs, and servers on loopback that it sends to. Its clock moves while a test waits.</summary>
internal sealed class NotifierBed : IAsyncDisposable
{
    private readonly List<TestApi> _servers = [];
    private readonly List<SinkOptions> _sinks = [];
    private readonly CancellationTokenSource _stop = new();
    private Notifier? _notifier;
    private Task _running = Task.CompletedTask;

    public ManualTimeProvider Clock { get; } = new(Told.Time);

    public ListLogger Log { get; } = new();

    public TemporaryFolder Folder { get; } = new();

    /// <summary>Adds a sink with a server of its own, which answers as said.</summary>
    public async Task<TestApi> AddAsync(SinkOptions options, RequestDelegate? answer = null)
    {
        var server = await TestApi.StartAsync(answer ?? (context => context.Json("{}", 202)));
        _servers.Add(server);
        _sinks.Add(options.UrlFile is null ? options with { Url = new Uri(server.Address, "/hook") } : options);
        return server;
    }

    /// <summary>Adds a server whose first answers are of these statuses; later ones are 200.</summary>
    public Task<TestApi> AddAsync(SinkOptions options, params int[] statuses)
    {
        var left = new Queue<int>(statuses);
        return AddAsync(options, context => context.Json("secret words of the server", left.TryDequeue(out var status) ? status : 200));
    }

    public void Tell(params Notification[] told)
    {
        Start();
        foreach (var one in told)
            _notifier!.Tell(one);
    }

    /// <summary>Lets time pass until a condition holds; slowly, because a request that is under way takes real time.</summary>
    public Task<TimeSpan> UntilAsync(Func<bool> condition, string what, int milliseconds = 10) =>
        Eventually.HoldsAfter(Clock, TimeSpan.FromMilliseconds(milliseconds), condition, what);

    /// <summary>Ends the process that runs it.</summary>
    public async Task StopAsync()
    {
        _stop.Cancel();
        await UntilAsync(() => _running.IsCompleted, "the notifier ended");
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _notifier?.Dispose();
        foreach (var server in _servers)
            await server.DisposeAsync();
        Folder.Dispose();
        _stop.Dispose();
    }

    private void Start()
    {
        if (_notifier is not null)
            return;
        _notifier = new Notifier(_sinks, Clock, Log, random: new Random(1));
        _running = _notifier.RunAsync(_stop.Token);
    }
}
