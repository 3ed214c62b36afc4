using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Makes problems in the words of an API server (the package field of apimachinery).</summary>
internal static class FieldProblems
{
    /// <summary>What an API server writes where a problem has no field.</summary>
    public const string NoField = "<nil>";

    /// <summary>Some rules were left out because of other problems.</summary>
    public static FieldProblem RulesNotChecked { get; } = new(
        "FieldValueInvalid", NoField,
        "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");

    /// <summary>A value that is not as it has to be.</summary>
    public static FieldProblem Invalid(string field, JsonNode? value, string detail) => new("FieldValueInvalid", field, $"Invalid value: {GoText.Value(value)}: {detail}");

    /// <summary>A value that is not as it has to be, and is not repeated.</summary>
    public static FieldProblem Invalid(string field, string detail) => new("FieldValueInvalid", field, $"Invalid value: {detail}");

    /// <summary>A value of another type.</summary>
    public static FieldProblem Type(string field, string actual, string detail) => new("FieldValueTypeInvalid", field, $"Invalid value: {GoText.Quote(actual)}: {detail}");

    /// <summary>A value that is missing.</summary>
    public static FieldProblem Required(string field, string detail = "") =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    /// <summary>A value that may not be there.</summary>
    public static FieldProblem Forbidden(string field, string detail) => new("FieldValueForbidden", field, $"Forbidden: {detail}");

    /// <summary>A value that is none of those that are allowed.</summary>
    public static FieldProblem NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new("FieldValueNotSupported", field, $"Unsupported value: {GoText.Value(value)}: supported values: {string.Join(", ", supported.Select(GoText.Quote))}");

    /// <summary>A value that is there already.</summary>
    public static FieldProblem Duplicate(string field, JsonNode? value) => new("FieldValueDuplicate", field, $"Duplicate value: {GoText.Value(value)}");

    /// <summary>A value that is there already, and is not repeated.</summary>
    public static FieldProblem Duplicate(string field) => new("FieldValueDuplicate", field, "Duplicate value");

    /// <summary>A value that names what is not there.</summary>
    public static FieldProblem NotFound(string field, JsonNode? value) => new("FieldValueNotFound", field, $"Not found: {GoText.Value(value)}");

    /// <summary>A text that is too long.</summary>
    public static FieldProblem TooLong(string field, long maximum) =>
        new("FieldValueTooLong", field, string.Create(CultureInfo.InvariantCulture, $"Too long: may not be more than {maximum} bytes"));

    /// <summary>Too many items or entries.</summary>
    public static FieldProblem TooMany(string field, long actual, long maximum) =>
        new("FieldValueTooMany", field, string.Create(CultureInfo.InvariantCulture, $"Too many: {actual}: must have at most {maximum} items"));

    /// <summary>What a rule says about a text.</summary>
    public static IEnumerable<FieldProblem> OfText(string field, string value, Func<string, IEnumerable<string>> rule) =>
        rule(value).Select(problem => Invalid(field, value, problem));

    /// <summary>Whether rules make no sense after this problem: the shape of the object is wrong.</summary>
    public static bool BlocksRules(FieldProblem problem) => problem.Reason is
        "FieldValueNotSupported" or "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueTypeInvalid";
}
