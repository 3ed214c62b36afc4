namespace RolloutController.Rehearsal.Cluster;

/// <summary>What a request is about.</summary>
/// <param name="Verb">What is done, as authorization names it.</param>
/// <param name="Resource">The kind.</param>
/// <param name="Namespace">The namespace; empty for all, and for kinds that have none.</param>
/// <param name="Name">The object; null for a collection.</param>
/// <param name="Subresource">The part of it; null for the object itself.</param>
internal sealed record ApiTarget(string Verb, Resource Resource, string Namespace, string? Name, string? Subresource)
{
    /// <summary>The one object that a list or watch is narrowed to by its field selector; a role may name it. Null where it is not.</summary>
    public string? Selected { get; private init; }

    /// <summary>What a role calls it: the resource, or its part behind a slash.</summary>
    public string ResourceOrPart => Subresource is null ? Resource.Plural : $"{Resource.Plural}/{Subresource}";

    /// <summary>The namespace, or null for all.</summary>
    public string? NamespaceOrAll => Namespace.Length == 0 ? null : Namespace;

    /// <summary>Reads method and path.</summary>
    /// <exception cref="ApiFailure">Nothing is served there.</exception>
    public static ApiTarget Parse(ApiRequest request, ResourceTable resources)
    {
        var parts = request.Path.Trim('/').Split('/');
        var (group, version, rest) = parts switch
        {
            ["api", var core, .. var below] => ("", core, below),
            ["apis", var named, var served, .. var below] => (named, served, below),
            _ => throw Failures.NoSuchPath(),
        };
        // A namespace is an object itself, and what is in it lies below it.
        var (@namespace, path) = rest is ["namespaces", var inside, var plural, .. var below2] && plural is not ("status" or "finalize")
            ? (inside, (string[])[plural, .. below2])
            : ("", rest);
        if (path.Length is 0 or > 3 || resources.Find(group, version, path[0]) is not { } resource || (@namespace.Length > 0 && !resource.Namespaced))
            throw Failures.NoSuchPath();
        var name = path.Length > 1 ? path[1] : null;
        if (name is not null && resource.Namespaced && @namespace.Length == 0)
            throw Failures.NoSuchPath();
        return new ApiTarget(VerbOf(request, name), resource, @namespace, name, path.Length > 2 ? path[2] : null) { Selected = SelectedBy(request.Parameter("fieldSelector")) };
    }

    private static string? SelectedBy(string? fieldSelector) => fieldSelector?.Split(',')
        .Select(part => part.Split('=', StringSplitOptions.RemoveEmptyEntries))
        .FirstOrDefault(sides => sides is ["metadata.name", _])?[1];

    private static string VerbOf(ApiRequest request, string? name) => (request.Method, name) switch
    {
        ("GET" or "HEAD", null) => IsWatch(request) ? "watch" : "list",
        ("GET" or "HEAD", _) => "get",
        ("POST", _) => "create",
        ("PUT", not null) => "update",
        ("PATCH", not null) => "patch",
        ("DELETE", null) => "deletecollection",
        ("DELETE", _) => "delete",
        _ => throw Failures.NotAllowed(),
    };

    private static bool IsWatch(ApiRequest request) => request.Asks("watch");
}
