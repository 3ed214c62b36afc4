namespace RolloutController.Kubernetes;

/// <summary>What one version of an API group serves.</summary>
internal sealed record ApiResourceList
{
    public IReadOnlyList<ApiResource>? Resources { get; init; }
}

/// <summary>One resource or subresource of an API group.</summary>
internal sealed record ApiResource
{
    public string? Name { get; init; }
}
