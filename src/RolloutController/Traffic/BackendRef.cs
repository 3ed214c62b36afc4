using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Traffic;

/// <summary>One entry of a rule's <c>backendRefs</c>, with the defaults of the Gateway API where a field is absent.</summary>
internal sealed class BackendRef(JsonElement json)
{
    /// <summary>The most that the API takes as a weight.</summary>
    public const int MaxWeight = 1_000_000;

    /// <summary>The most entries that the API takes in one rule.</summary>
    public const int MaxEntries = 16;

    public string Name { get; } = json.Text("name") ?? "";

    /// <summary>The namespace; null means the route's own.</summary>
    public string? Namespace { get; } = json.Text("namespace");

    public int? Port { get; } = json.Integer("port");

    public int Weight { get; } = json.Integer("weight") ?? 1;

    public bool IsService { get; } = json.Text("group") is null or "" && json.Text("kind") is null or "Service";

    /// <summary>Whether the entry names this Service.</summary>
    public bool Names(string service, string @namespace) =>
        IsService && Name == service && (Namespace ?? @namespace) == @namespace;

    /// <summary>The entry as it is.</summary>
    public JsonObject ToJson() => JsonObject.Create(json)!;

    /// <summary>The entry for another Service or at another weight; every other field, and what stays the same, is left as it is.</summary>
    public JsonObject With(string service, int weight)
    {
        var entry = ToJson();
        if (Name != service)
            entry["name"] = service;
        if (Weight != weight)
            entry["weight"] = weight;
        return entry;
    }
}
