using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Judges an object by the CEL rules of its schema.</summary>
internal sealed class RuleValidation
{
    private readonly List<FieldProblem> _problems = [];

    /// <summary>Judges an object.</summary>
    /// <param name="body">The object.</param>
    /// <param name="old">What is stored; null for a new object.</param>
    /// <param name="schema">Its schema.</param>
    public static IReadOnlyList<FieldProblem> Check(JsonObject body, JsonObject? old, SchemaNode schema)
    {
        var validation = new RuleValidation();
        validation.Value(body, Earlier.Object(old), schema, "", isUnchanged: false);
        return validation._problems;
    }

    private void Value(JsonNode? value, Earlier earlier, SchemaNode schema, string path, bool isUnchanged)
    {
        if (value is null || !schema.HasRules)
            return;
        isUnchanged |= earlier.Is(value);
        foreach (var rule in schema.Rules)
        {
            if (rule.Judge(path, value, earlier.Value, schema, isUnchanged) is { } problem)
                _problems.Add(problem);
        }

        switch (value)
        {
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                    Value(array[i], earlier.Item(array[i], schema.List), items, JsonPath.Index(path, i), isUnchanged);
                break;
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if (schema.Properties.TryGetValue(name, out var property))
                        Value(child, earlier.Field(name), property, JsonPath.Child(path, name), isUnchanged);
                    else if (schema.Values is { } values)
                        Value(child, earlier.Field(name), values, JsonPath.Key(path, name), isUnchanged);
                }

                break;
        }
    }
}
