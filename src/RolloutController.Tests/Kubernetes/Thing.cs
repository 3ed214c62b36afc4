using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>A kind that only the tests have.</summary>
internal sealed record Thing : IKubernetesObject
{
    public static readonly ResourceKind<Thing> Kind = new("tests.rollouts.dev", "v1", "Thing", "things", TestJson.Default.Thing);

    public ObjectMeta Metadata { get; init; } = new();

    public string Colour { get; init; } = "";

    public static ObjectKey Key(string name) => new("shop", name);

    public static JsonObject Body(string name, string colour = "", string @namespace = "shop") => new()
    {
        ["metadata"] = new JsonObject { ["namespace"] = @namespace, ["name"] = name },
        ["colour"] = colour,
    };

    public static Thing At(int version, string name = "a", string uid = "1", string colour = "") => new()
    {
        Metadata = new ObjectMeta { Namespace = "shop", Name = name, Uid = uid, ResourceVersion = $"{version}" },
        Colour = colour,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Thing))]
internal sealed partial class TestJson : JsonSerializerContext;
