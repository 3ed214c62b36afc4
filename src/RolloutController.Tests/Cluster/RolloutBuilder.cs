using System.Globalization;

namespace RolloutController.Tests.Cluster;

/// <summary>A Rollout as a user writes it, small by default: steps that hold for a second, so that a test sees them all in a few.</summary>
internal sealed record RolloutBuilder(string Template)
{
    public string Name { get; init; } = "shop";

    public int? Replicas { get; init; } = 2;

    /// <summary>The Service; null leaves <c>traffic</c> out.</summary>
    public string? Service { get; init; } = "shop";

    /// <summary>The routes; none means that pod counts make the split.</summary>
    public IReadOnlyList<string> HttpRoutes { get; init; } = ["shop"];

    /// <summary>The kind of the routes.</summary>
    public string RouteKind { get; init; } = "HTTPRoute";

    /// <summary>The requests that the new version gets at any weight; null leaves them out.</summary>
    public string? Match { get; init; }

    /// <summary>The Deployment to take over; selector and template are left out then.</summary>
    public string? Workload { get; init; }

    public string Propagation { get; init; } = "100ms";

    public string ScaleDownDelay { get; init; } = "1s";

    public string ProgressDeadline { get; init; } = "30s";

    /// <summary>The weights; none leaves <c>steps</c> out, for the product's default.</summary>
    public IReadOnlyList<int> Weights { get; init; } = [5, 25, 50, 100];

    public string Hold { get; init; } = "1s";

    /// <summary>The weights of the steps that wait for a person.</summary>
    public IReadOnlyList<int> PauseAt { get; init; } = [];

    /// <summary>The error rate, such as <c>1%</c>; null leaves <c>analysis</c> out.</summary>
    public string? MaxErrorRate { get; init; } = "1%";

    public string Interval { get; init; } = "1s";

    public int? MinRequests { get; init; }

    /// <summary>Further lines of <c>spec</c>, indented by two.</summary>
    public string More { get; init; } = "";

    /// <summary>The manifest.</summary>
    public string Yaml() => string.Join('\n', ((string[])[
        "apiVersion: rollouts.dev/v1alpha1",
        "kind: Rollout",
        $"metadata: {{name: {Name}}}",
        "spec:",
        Replicas is { } replicas ? $"  replicas: {replicas}" : "",
        Workload is null ? $"  selector: {{matchLabels: {{app: {Name}}}}}" : "",
        Workload is null ? $"  template: {Manifests.Inline(Template)}" : $"  workloadRef: {{kind: Deployment, name: {Workload}}}",
        $"  progressDeadline: {ProgressDeadline}",
        $"  scaleDownDelay: {ScaleDownDelay}",
        TrafficLine(),
        Weights.Count == 0 ? "" : $"  steps: [{string.Join(", ", Weights.Select(Step))}]",
        MaxErrorRate is null ? "" : $"  analysis: {{interval: {Interval}, errorRate: {{max: {MaxErrorRate}{MinRequestsPart()}}}}}",
        More]).Where(line => line.Length > 0));

    private string TrafficLine() => Service is null ? "" : HttpRoutes.Count == 0
        ? $"  traffic: {{service: {Service}}}"
        : $"  traffic: {{service: {Service}, propagation: {Propagation}, {(Match is null ? "" : $"match: {Match}, ")}routes: [{string.Join(", ", HttpRoutes.Select(route => $"{{kind: {RouteKind}, name: {route}}}"))}]}}";

    private string Step(int weight) => PauseAt.Contains(weight) ? $"{{weight: {weight}, hold: {Hold}, pause: true}}" : $"{{weight: {weight}, hold: {Hold}}}";

    private string MinRequestsPart() => MinRequests is { } requests ? string.Create(CultureInfo.InvariantCulture, $", minRequests: {requests}") : "";
}
