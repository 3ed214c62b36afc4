using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>An informer over the fake API, and what it told.</summary>
internal abstract class InformerFixture
{
    private readonly List<string> _changes = [];
    private CancellationTokenSource _stop = null!;
    private Task _run = Task.CompletedTask;

    protected FakeKubernetesClient Api { get; private set; } = null!;

    protected ManualTimeProvider Clock { get; private set; } = null!;

    /// <summary>The changes told since they were last asked for, such as <c>+a:red -b</c>.</summary>
    protected string Changes
    {
        get
        {
            lock (_changes)
            {
                var told = string.Join(' ', _changes);
                _changes.Clear();
                return told;
            }
        }
    }

    [SetUp]
    public void SetUpApi()
    {
        Api = new FakeKubernetesClient();
        Clock = new ManualTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _stop = new CancellationTokenSource();
        _changes.Clear();
    }

    [TearDown]
    public async Task StopInformer()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    protected Informer<Thing> Make(InformerOptions<Thing>? options = null)
    {
        var informer = new Informer<Thing>(Api, Thing.Kind, options ?? new InformerOptions<Thing>(), Clock, NullLogger.Instance);
        informer.Changed += change =>
        {
            lock (_changes)
                _changes.Add((change.Old is null ? "+" : change.New is null ? "-" : "~") + change.Object.Metadata.Name + (change.New is { Colour.Length: > 0 } thing ? $":{thing.Colour}" : ""));
        };
        return informer;
    }

    protected void Run(Informer<Thing> informer) => _run = Task.Run(() => informer.RunAsync(_stop.Token));

    /// <summary>Makes an informer, runs it and waits until it watches.</summary>
    protected async Task<Informer<Thing>> WatchingAsync(InformerOptions<Thing>? options = null)
    {
        var informer = Make(options);
        Run(informer);
        await WatchesAsync(Math.Max(1, options?.Namespaces.Count ?? 0));
        return informer;
    }

    protected Task WatchesAsync(int count) => Eventually.Holds(() => Api.Watches.Count == count, $"{count} watches were made");

    /// <summary>Moves the clock on in steps until so many watches were made.</summary>
    protected Task<TimeSpan> WatchesAfterAsync(int count, double stepSeconds = 0.1) =>
        Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(stepSeconds), () => Api.Watches.Count >= count, $"{count} watches were made");

    protected void Put(string name, string colour = "", bool tell = true, string @namespace = "shop") => Api.Put("things", Thing.Body(name, colour, @namespace), tell);

    protected void Remove(string name, bool tell = true) => Api.Remove("things", Thing.Key(name), tell);
}
