using System.Globalization;
using System.Text.Json;
using RolloutController.Cli.Output;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Demo;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RolloutController.Cli;

/// <summary>The demo in the terminal: a picture that is kept up to date, or a line for each change where the output is no terminal.</summary>
internal sealed class DemoScreen(DemoWorld world, string address, TimeProvider clock, IAnsiConsole console) : BackgroundService
{
    private const int BarWidth = 40;
    private const int ShownEvents = 8;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    private readonly Queue<string> _events = new();
    private readonly Dictionary<string, string> _last = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        console.MarkupLineInterpolated($"[bold]Rollout[/] on a cluster inside this process. The page: [link]{address}[/]  (Ctrl+C ends it)");
        try
        {
            if (console.Profile.Capabilities.Interactive)
                await console.Live(Picture()).StartAsync(context => DrawAsync(context, stoppingToken));
            else
                await PrintAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task DrawAsync(LiveDisplayContext context, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var line in News())
            {
                _events.Enqueue(line);
                if (_events.Count > ShownEvents)
                    _events.Dequeue();
            }
            context.UpdateTarget(Picture());
            await Task.Delay(Refresh, clock, cancellationToken);
        }
    }

    private async Task PrintAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var line in News())
                await console.Profile.Out.Writer.WriteLineAsync(line);
            await Task.Delay(Refresh, clock, cancellationToken);
        }
    }

    /// <summary>What has happened since the last time: a line whenever a Rollout comes to another place.</summary>
    private IEnumerable<string> News()
    {
        foreach (var rollout in Rollouts())
        {
            var place = $"{rollout.Status.Phase} {rollout.Status.Weight} {rollout.Status.CanaryRevision}";
            if (_last.GetValueOrDefault(rollout.Metadata.Name) == place || rollout.Status.Message.Length == 0)
                continue;
            _last[rollout.Metadata.Name] = place;
            yield return string.Create(CultureInfo.InvariantCulture, $"{clock.GetLocalNow():HH:mm:ss}  {rollout.Metadata.Name,-7} {rollout.Status.Phase,-11} {rollout.Status.Weight,3} %  {rollout.Status.Message}");
        }
    }

    private Rows Picture()
    {
        var parts = new List<IRenderable>();
        foreach (var rollout in Rollouts())
            parts.Add(Panel(rollout));
        parts.Add(new Text(string.Join('\n', _events), new Style(Color.Grey)));
        return new Rows(parts);
    }

    private static Panel Panel(RolloutObject rollout)
    {
        var status = rollout.Status;
        var filled = BarWidth * Math.Clamp(status.Weight, 0, 100) / 100;
        var colour = Tone.Of(status.Phase);
        var evidence = status.Evidence is { Requests: > 0 } seen
            ? string.Create(CultureInfo.InvariantCulture, $"{100.0 * seen.Errors / seen.Requests:0.00} % of {seen.Requests:N0} requests failed, at most {rollout.Spec.Analysis?.ErrorRate?.Max}")
            : "";
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        grid.AddRow(new Text("step"), new Text($"{status.Step}  {string.Join("  ", rollout.Spec.Steps.Select(step => step.Weight == status.Weight ? $"[{step.Weight} %]" : $"{step.Weight} %"))}"));
        grid.AddRow(new Text("weight"), new Markup($"[{colour}]{new string('█', filled)}[/][grey]{new string('░', BarWidth - filled)}[/] {status.Weight} %"));
        grid.AddRow(new Text("pods"), new Text(string.Create(CultureInfo.InvariantCulture, $"{status.ReadyReplicas} of {status.Replicas} ready, {status.CanaryReplicas} of the new version")));
        grid.AddRow(new Text("errors"), new Text(evidence));
        grid.AddRow(new Text("now"), new Text(status.Message));
        return new Panel(grid) { Header = new PanelHeader($" {rollout.Metadata.Name}: [{colour}]{status.Phase}[/] "), Border = BoxBorder.Rounded, Expand = true };
    }

    private IEnumerable<RolloutObject> Rollouts() => world.Stage.Cluster.List("rollouts").Select(Read);

    private static RolloutObject Read(StoredObject item) => JsonSerializer.Deserialize(item.Utf8.Span, RolloutObject.Kind.TypeInfo)!;
}
