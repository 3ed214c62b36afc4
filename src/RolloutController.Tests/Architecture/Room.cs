namespace RolloutController.Tests.Architecture;

/// <summary>A room of the controller: a namespace, with those below it that are no rooms of their own.</summary>
/// <param name="Namespace">The namespace below <c>RolloutController</c>.</param>
/// <param name="MayCall">The rooms that it may call.</param>
internal sealed record Room(string Namespace, params Room[] MayCall)
{
    private static readonly Room Api = new("Api");
    private static readonly Room Kubernetes = new("Kubernetes");
    private static readonly Room Endpoints = new("Endpoints");
    private static readonly Room Analysis = new("Analysis", Api);
    private static readonly Room Checks = new("Analysis.Checks", Api, Analysis, Endpoints);
    private static readonly Room Metrics = new("Analysis.Metrics", Api, Analysis, Endpoints, Checks);
    private static readonly Room Planning = new("Planning", Api, Analysis);
    private static readonly Room Notifications = new("Notifications", Api, Planning, Endpoints);
    private static readonly Room Traffic = new("Traffic", Api, Kubernetes);
    private static readonly Room Control = new("Control", Api, Kubernetes, Endpoints, Analysis, Metrics, Checks, Planning, Traffic, Notifications);

    // Hosting composes: it makes from options what Control is given.
    private static readonly Room Hosting = new("Hosting", [Control, .. Control.MayCall]);
    private static readonly Room Rehearsal = new("Rehearsal", [Hosting, .. Hosting.MayCall]);
    private static readonly Room Cli = new("Cli", [Rehearsal, .. Rehearsal.MayCall]);

    /// <summary>All rooms.</summary>
    public static IReadOnlyList<Room> All { get; } = [Cli, .. Cli.MayCall];

    /// <summary>The rooms that decide: the same input gives the same output, so they have no I/O, clock, chance or log.</summary>
    public static IReadOnlyList<Room> Pure { get; } = [Api, Analysis, Planning];

    /// <summary>The room that a type or member lies in; null for none.</summary>
    public static Room? Of(string name) => All.Where(room => room.Holds(name)).MaxBy(room => room.Namespace.Length);

    /// <inheritdoc/>
    public override string ToString() => Namespace;

    private bool Holds(string name) => Use.IsIn(name, $"{Controller.Namespace}.{Namespace}");
}
