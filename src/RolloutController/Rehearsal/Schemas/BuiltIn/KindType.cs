using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>A type of the built-in kinds.</summary>
/// <param name="GoName">How an API server names it in errors.</param>
internal abstract record KindType(string GoName)
{
    /// <summary>A string.</summary>
    internal sealed record Text(string GoName) : KindType(GoName);

    /// <summary>A whole number.</summary>
    internal sealed record Integer(string GoName, long Minimum, long Maximum) : KindType(GoName);

    /// <summary>true or false.</summary>
    internal sealed record Boolean() : KindType("bool");

    /// <summary>An amount of a resource.</summary>
    /// <param name="IsRounded">Whether it is rounded up to a thousandth, as in lists of resources.</param>
    internal sealed record Amount(bool IsRounded) : KindType("resource.Quantity");

    /// <summary>A whole number or a string.</summary>
    internal sealed record IntegerOrText() : KindType("intstr.IntOrString");

    /// <summary>A moment.</summary>
    /// <param name="Layout">The form that errors say is expected.</param>
    internal sealed record Moment(string Layout) : KindType("v1.Time");

    /// <summary>Bytes, in base64.</summary>
    internal sealed record Bytes() : KindType("[]uint8");

    /// <summary>Anything, kept as it is.</summary>
    internal sealed record Anything() : KindType("any");

    /// <summary>A list.</summary>
    internal sealed record List(KindType Item) : KindType($"[]{Item.GoName}");

    /// <summary>A map of strings.</summary>
    internal sealed record Map(KindType Value, string GoName) : KindType(GoName);

    /// <summary>An object with fields.</summary>
    /// <param name="Name">The name of its type.</param>
    /// <param name="IsWhole">Whether server-side apply replaces it as a whole.</param>
    internal sealed record Object(string Name, bool IsWhole) : KindType($"v1.{Name}")
    {
        /// <summary>The fields by name.</summary>
        public Dictionary<string, KindField> Fields { get; } = [];
    }
}

/// <summary>A field of a built-in kind.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">Its place among the fields.</param>
/// <param name="Type">Its type.</param>
/// <param name="Kept">When it is written.</param>
/// <param name="Merge">How server-side apply merges it.</param>
/// <param name="IsWhole">Whether server-side apply replaces it as a whole.</param>
/// <param name="PatchKey">By what a strategic merge patch tells its items apart: a field, nothing for values, null where it replaces the list.</param>
internal sealed record KindField(string Name, int Position, KindType Type, FieldPresence Kept, ListMerge Merge, bool IsWhole, string? PatchKey);

/// <summary>When a field is written.</summary>
internal enum FieldPresence
{
    /// <summary>Only with a value that is not empty.</summary>
    NotEmpty,

    /// <summary>When it was given.</summary>
    Given,

    /// <summary>Always.</summary>
    Always,
}
