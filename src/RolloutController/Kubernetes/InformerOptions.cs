namespace RolloutController.Kubernetes;

/// <summary>What an informer watches and how its cache is found through.</summary>
/// <typeparam name="T">The objects' type.</typeparam>
public sealed record InformerOptions<T>
    where T : class, IKubernetesObject
{
    /// <summary>The namespaces to watch; all of them in one watch when it is empty.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>A label selector as the API reads it, or null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>A field selector as the API reads it, or null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>
    /// Whether the kind may be missing from the API: the informer then counts as synced with nothing in it, and looks again
    /// soon, then ever less often and every five minutes at the least, whether the kind has come.
    /// </summary>
    public bool Optional { get; init; }

    /// <summary>What pauses are spread by.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>
    /// By name, what an object is found by beside its key. A function must be pure, as its answer for an object is asked for anew
    /// when the object goes.
    /// </summary>
    public IReadOnlyDictionary<string, Func<T, IEnumerable<string>>> Indexes { get; init; } = new Dictionary<string, Func<T, IEnumerable<string>>>();
}

/// <summary>A change in an informer's cache.</summary>
/// <param name="Old">The object before; null when it is new.</param>
/// <param name="New">The object now; null when it is gone.</param>
public sealed record Change<T>(T? Old, T? New)
    where T : class, IKubernetesObject
{
    /// <summary>The object that changed, in its latest state.</summary>
    public T Object => New ?? Old ?? throw new InvalidOperationException("A change has an object before or after it.");
}
