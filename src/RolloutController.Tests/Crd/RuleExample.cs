using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RolloutController.Tests.Crd;

/// <summary>A change that a rule allows and one that it refuses.</summary>
/// <param name="Field">The field that the error names.</param>
/// <param name="Message">What the error says.</param>
/// <param name="Sample">The valid Rollout that is changed.</param>
/// <param name="IsUpdate">Whether the sample is stored before it is changed.</param>
/// <param name="Stored">A merge patch of the stored sample's status, whose status is then what is changed; null where it is not.</param>
/// <param name="Accept">A merge patch that the API server takes.</param>
/// <param name="Refuse">A merge patch that it refuses.</param>
internal sealed partial record RuleExample(
    string Field, string Message, string Sample, bool IsUpdate, JsonNode? Stored, JsonNode Accept, JsonNode Refuse)
{
    /// <summary>The field as the schema names it.</summary>
    public string SchemaPath => Index().Replace(Field, "[]");

    public static RuleExample From(JsonNode yaml) => new(
        (string)yaml["field"]!,
        (string)yaml["message"]!,
        (string)yaml["sample"]!,
        (bool?)yaml["update"] ?? false,
        yaml["stored"],
        yaml["accept"]!,
        yaml["refuse"]!);

    public bool Explains(ApiCause cause) =>
        cause.Field == Field && cause.Message.EndsWith(Message, StringComparison.Ordinal);

    public override string ToString() => $"{Field}: {Message}";

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex Index();
}
