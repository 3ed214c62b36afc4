using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>A rule of <c>x-kubernetes-validations</c>.</summary>
internal sealed record ValidationRule
{
    private const string Self = "self";
    private const string OldSelf = "oldSelf";

    /// <summary>The rule as it is written.</summary>
    public required string Text { get; init; }

    /// <summary>The rule.</summary>
    public required CelProgram Program { get; init; }

    /// <summary>What it says when it does not hold; null for the rule itself.</summary>
    public string? Message { get; init; }

    /// <summary>Makes what it says; null where that is always the same.</summary>
    public CelProgram? MessageExpression { get; init; }

    /// <summary>The field that it names, below the value that it is about; null for that value itself.</summary>
    public string? FieldPath { get; init; }

    /// <summary>The machine-readable reason.</summary>
    public string Reason { get; init; } = "FieldValueInvalid";

    /// <summary>Whether it is about a change, and so about nothing new.</summary>
    public bool IsTransition => Program.Uses.Contains(OldSelf);

    private string Name => Message ?? Text.Trim();

    /// <summary>Compiles an expression of a rule.</summary>
    /// <exception cref="CelSyntaxException">It cannot be read, or uses what cannot be had here.</exception>
    public static CelProgram Compile(string expression) => new(expression, [Self, OldSelf]);

    /// <summary>Judges a value.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="value">The value, which is not null.</param>
    /// <param name="old">The value before; null where there was none.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="isUnchanged">Whether the value, or one that it belongs to, is as it was: then only transitions count.</param>
    /// <returns>What is wrong; null for nothing.</returns>
    public FieldProblem? Judge(string path, JsonNode value, JsonNode? old, SchemaNode schema, bool isUnchanged)
    {
        if (IsTransition && old is null)
            return null;
        var scope = new CelScope(Self, CelJson.Value(value, schema, isRoot: path.Length == 0));
        if (old is not null)
            scope = new CelScope(OldSelf, CelJson.Value(old, schema, isRoot: path.Length == 0), scope);
        var field = path.Length == 0 ? FieldProblems.NoField : path;
        switch (Program.Evaluate(scope))
        {
            case CelBool { Value: true }:
                return null;
            case CelError { Message: var error } when error.StartsWith(CelError.NoSuchOverload.Message, StringComparison.Ordinal):
                return FieldProblems.Invalid(field, schema.Type ?? "", $"'{error}': call arguments did not match a supported operator, function or macro signature for rule: {Name}");
            case CelError { Message: var error }:
                return FieldProblems.Invalid(field, schema.Type ?? "", $"{error} evaluating rule: {Name}");
        }

        return isUnchanged && !IsTransition ? null : Problem(path, value, schema, Explain(scope));
    }

    private string Explain(CelScope scope)
    {
        if (MessageExpression?.Evaluate(scope) is CelString made && made.Value.Trim() is { Length: > 0 } text && !text.Contains('\n', StringComparison.Ordinal))
            return text;
        return Message ?? $"failed rule: {Text.Trim()}";
    }

    private FieldProblem Problem(string path, JsonNode value, SchemaNode schema, string detail)
    {
        var field = string.Join('.', new[] { path, FieldPath }.Where(part => part is { Length: > 0 }));
        if (field.Length == 0)
            field = FieldProblems.NoField;
        var isRepeated = schema.Type is not ("object" or "array");
        return Reason switch
        {
            "FieldValueForbidden" => FieldProblems.Forbidden(field, detail),
            "FieldValueRequired" => FieldProblems.Required(field, detail),
            "FieldValueDuplicate" => isRepeated ? FieldProblems.Duplicate(field, value) : FieldProblems.Duplicate(field),
            _ => isRepeated ? FieldProblems.Invalid(field, value, detail) : FieldProblems.Invalid(field, detail),
        };
    }
}
