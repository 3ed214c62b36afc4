using System.Collections;
using System.Reflection;

namespace RolloutController.Benchmarks.Soak;

/// <summary>
/// Counts what is in every collection that can be reached from an object, by the field that holds it: so none of the controller's is forgotten, and a
/// leak is named. The cluster beside it is left out.
/// </summary>
internal static class CollectionCounts
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, FieldInfo[]> Known = [];
    private static readonly string[] Others = ["RolloutController.Rehearsal", "RolloutController.Tests", "RolloutController.Benchmarks", "System.Reflection", "System.Runtime", "Microsoft.", "System.Diagnostics", "System.Net"];

    /// <summary>Counts.</summary>
    public static Dictionary<string, double> Of(object root)
    {
        var counts = new Dictionary<string, double>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(object Value, string Held)>([(root, root.GetType().Name)]);
        while (open.TryPop(out var item))
        {
            var type = item.Value.GetType();
            if (IsLeaf(type) || (!type.IsValueType && !seen.Add(item.Value)))
                continue;
            if (CountOf(item.Value, type) is { } count)
                counts[item.Held] = counts.GetValueOrDefault(item.Held) + count;
            foreach (var (value, held) in Inside(item.Value, type, item.Held))
                open.Push((value, held));
        }

        return counts;
    }

    private static IEnumerable<(object Value, string Held)> Inside(object value, Type type, string held)
    {
        if (value is Array array)
        {
            if (IsLeaf(type.GetElementType()!))
                yield break;
            foreach (var element in array)
            {
                if (element is not null)
                    yield return (element, held);
            }

            yield break;
        }

        foreach (var field in FieldsOf(type))
        {
            if (field.GetValue(value) is { } inner)
                yield return (inner, type.Namespace?.StartsWith("RolloutController", StringComparison.Ordinal) == true ? $"{Name(type)}.{field.Name}" : held);
        }
    }

    private static string Name(Type type) => type.DeclaringType is { } outer ? $"{outer.Name}.{type.Name}" : type.Name;

    private static FieldInfo[] FieldsOf(Type type)
    {
        if (!Known.TryGetValue(type, out var fields))
        {
            var all = new List<FieldInfo>();
            for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
                all.AddRange(at.GetFields(Fields).Where(field => !IsLeaf(field.FieldType)));
            Known[type] = fields = [.. all];
        }

        return fields;
    }

    private static bool IsLeaf(Type type) => type.IsPrimitive || type.IsEnum || type.IsPointer || type.IsByRefLike || type == typeof(string) || typeof(Type).IsAssignableFrom(type)
        || typeof(System.Threading.Thread).IsAssignableFrom(type) || (Others.Any(other => type.Namespace?.StartsWith(other, StringComparison.Ordinal) == true) && !IsWork(type));

    /// <summary>What is under way is held by its task.</summary>
    private static bool IsWork(Type type) => type.FullName!.StartsWith("System.Runtime.CompilerServices", StringComparison.Ordinal);

    private static int? CountOf(object value, Type type) => value switch
    {
        Array => null,
        ICollection collection => collection.Count,
        _ when type.Namespace is "System.Collections.Generic" or "System.Collections.Concurrent" && type.GetProperty("Count") is { } count => (int)count.GetValue(value)!,
        _ => null,
    };
}
