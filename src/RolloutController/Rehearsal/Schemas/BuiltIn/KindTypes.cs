using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The types of the built-in kinds, as <c>kinds.types</c> lists them.</summary>
internal sealed class KindTypes
{
    private const string Resource = "kinds.types";
    private readonly Dictionary<string, KindType> _types = new()
    {
        ["string"] = new KindType.Text("string"),
        ["bool"] = new KindType.Boolean(),
        ["int32"] = new KindType.Integer("int32", int.MinValue, int.MaxValue),
        ["int64"] = new KindType.Integer("int64", long.MinValue, long.MaxValue),
        ["Quantity"] = new KindType.Amount(IsRounded: false),
        ["IntOrString"] = new KindType.IntegerOrText(),
        ["Time"] = new KindType.Moment("2006-01-02T15:04:05Z07:00"),
        ["MicroTime"] = new KindType.Moment("2006-01-02T15:04:05.000000Z07:00"),
        ["bytes"] = new KindType.Bytes(),
        ["any"] = new KindType.Anything(),
    };

    private KindTypes(IReadOnlyList<string> lines)
    {
        foreach (var words in lines.Where(line => line.Length > 0 && char.IsLetter(line[0])).Select(line => line.Split(' ')))
            _types[words[0]] = words is [_, "=", var other] ? Renamed(words[0], other) : new KindType.Object(words[0], words is [_, "whole"]);
        KindType.Object? current = null;
        foreach (var line in lines)
        {
            if (!line.StartsWith(' '))
                current = line.Length > 0 && _types.GetValueOrDefault(line.Split(' ')[0]) is KindType.Object type ? type : null;
            else if (Field(line.Trim().Split(' '), current!.Fields.Count) is var field)
                current.Fields[field.Name] = field;
        }
    }

    /// <summary>All types.</summary>
    public static KindTypes All { get; } = new(Read());

    /// <summary>The type of a kind; null when it is not listed.</summary>
    public KindType.Object? Find(string name) => _types.GetValueOrDefault(name) as KindType.Object;

    private static List<string> Read()
    {
        using var stream = typeof(KindTypes).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n')];
    }

    private KindType Renamed(string name, string other) => TypeOf(other) switch
    {
        KindType.Map { Value: KindType.Amount } => new KindType.Map(new KindType.Amount(IsRounded: true), $"v1.{name}"),
        KindType.Map map => map with { GoName = $"v1.{name}" },
        KindType.Text => new KindType.Text($"v1.{name}"),
        var type => type,
    };

    private KindField Field(string[] words, int position)
    {
        var presence = words[1].StartsWith('*') ? FieldPresence.Given : words[1].EndsWith('!') ? FieldPresence.Always : FieldPresence.NotEmpty;
        var marks = words[2..];
        return new(
            words[0],
            position,
            TypeOf(words[1].TrimStart('*').TrimEnd('!')),
            presence,
            marks.Contains("set") ? new ListMerge.Set() : Mark(marks, "keys=") is { } keys ? ByKeys(keys) : new ListMerge.Atomic(),
            marks.Contains("whole"),
            Mark(marks, "patch="));
    }

    private static ListMerge.Map ByKeys(string text)
    {
        var keys = text.Split(',').Select(key => key.Split('=')).ToList();
        return new([.. keys.Select(key => key[0])])
        {
            Defaults = keys.Where(key => key.Length > 1).ToDictionary(key => key[0], key => (JsonNode)JsonValue.Create(key[1])),
        };
    }

    private static string? Mark(string[] marks, string name) =>
        Array.Find(marks, mark => mark.StartsWith(name, StringComparison.Ordinal)) is { } found ? found[name.Length..] : null;

    private KindType TypeOf(string text) =>
        text.StartsWith("[]", StringComparison.Ordinal) ? new KindType.List(TypeOf(text[2..]))
        : text.StartsWith("{}", StringComparison.Ordinal) ? MapOf(TypeOf(text[2..]))
        : text.StartsWith('*') ? TypeOf(text[1..])
        : _types[text];

    private static KindType.Map MapOf(KindType value) => new(value, $"map[string]{value.GoName}");
}
