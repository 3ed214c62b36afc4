namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>A function of values that are no errors.</summary>
internal delegate CelValue CelFunction(IReadOnlyList<CelValue> values);

/// <summary>The functions that expressions may call: the standard ones, and those that Kubernetes adds, as far as they are here.</summary>
internal static class CelFunctions
{
    private static readonly string[] TypeNames =
        ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

    /// <summary>A function; null when there is none of this name with as many arguments, a target included.</summary>
    public static CelFunction? Find(string name, bool isMember, int count) => (name, isMember, count) switch
    {
        ("size", _, 1) => CelStrings.Size,
        ("type", false, 1) => values => new CelType(values[0].TypeName),
        ("dyn", false, 1) => values => values[0],
        ("int", false, 1) => CelConversions.ToInt,
        ("double", false, 1) => CelConversions.ToDouble,
        ("string", false, 1) => CelConversions.ToText,
        ("bool", false, 1) => CelConversions.ToBool,
        ("duration", false, 1) => CelConversions.ToDuration,
        ("timestamp", false, 1) => CelConversions.ToTimestamp,
        ("matches", _, 2) => CelStrings.Matches,
        (_, true, _) => CelStrings.Find(name, count - 1) ?? CelLists.Find(name, count - 1) ?? CelDurations.Find(name, count - 1),
        _ => null,
    };

    /// <summary>A type by its name.</summary>
    public static CelType? Type(string name) => Array.IndexOf(TypeNames, name) >= 0 ? new(name) : null;
}
