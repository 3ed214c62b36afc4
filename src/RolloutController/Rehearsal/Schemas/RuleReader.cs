using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Reads the CEL rules of a schema.</summary>
internal static class RuleReader
{
    private static readonly string[] Reasons = ["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];

    private static readonly HashSet<string> Keywords = ["rule", "message", "messageExpression", "fieldPath", "reason"];

    /// <summary>Reads the rules about a value.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="schema">The value that they are about.</param>
    /// <param name="path">Where its schema is, for errors.</param>
    /// <exception cref="SchemaException">A rule cannot be read, or uses what cannot be had here.</exception>
    public static IReadOnlyList<ValidationRule> Read(JsonArray rules, SchemaNode schema, string path) =>
        [.. rules.Select((rule, index) => Rule(rule!.AsObject(), schema, $"{path}.x-kubernetes-validations[{index}]"))];

    private static ValidationRule Rule(JsonObject rule, SchemaNode schema, string path)
    {
        foreach (var (keyword, _) in rule)
        {
            if (!Keywords.Contains(keyword))
                throw new SchemaException($"{path}.{keyword}", "this keyword is not supported here");
        }

        var reason = (string?)rule["reason"] ?? Reasons[0];
        if (!Reasons.Contains(reason))
            throw new SchemaException($"{path}.reason", $"there is no reason {reason}");
        return new()
        {
            Text = (string)rule["rule"]!,
            Program = Compile((string)rule["rule"]!, $"{path}.rule"),
            Message = (string?)rule["message"] is { Length: > 0 } message ? message.Trim() : null,
            MessageExpression = (string?)rule["messageExpression"] is { Length: > 0 } made ? Compile(made, $"{path}.messageExpression") : null,
            FieldPath = (string?)rule["fieldPath"] is { Length: > 0 } field ? FieldPath(field, schema, $"{path}.fieldPath") : null,
            Reason = reason,
        };
    }

    private static CelProgram Compile(string expression, string path)
    {
        try
        {
            return ValidationRule.Compile(expression);
        }
        catch (CelSyntaxException problem)
        {
            throw new SchemaException(path, problem.Message, problem);
        }
    }

    /// <summary>Writes <c>.spec.labels['app']</c> as errors do: a named field after a point, a key in brackets.</summary>
    private static string FieldPath(string text, SchemaNode schema, string path)
    {
        var written = "";
        for (var position = 0; position < text.Length;)
        {
            var name = Next(text, ref position) ?? throw new SchemaException(path, $"write {text} as fields like .name and ['name']");
            var isNamed = schema.Properties.ContainsKey(name);
            schema = schema.Child(name) ?? throw new SchemaException(path, $"{text} does not refer to a valid field");
            written += isNamed ? (written.Length > 0 ? "." : "") + name : $"[{name}]";
        }

        return written;
    }

    private static string? Next(string text, ref int position)
    {
        var start = position;
        if (text.AsSpan(position).StartsWith("['"))
        {
            var end = text.IndexOf("']", position, StringComparison.Ordinal);
            position = end + 2;
            return end < 0 ? null : text[(start + 2)..end].Replace("\\'", "'", StringComparison.Ordinal).Replace(@"\\", @"\", StringComparison.Ordinal);
        }

        if (text[position] != '.')
            return null;
        position = text.IndexOfAny(['.', '['], position + 1) is var next and >= 0 ? next : text.Length;
        return text[(start + 1)..position];
    }
}
