using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Kubernetes;

/// <summary>
/// Tells JSON values apart by content: two values have one hash when they differ only in the order of members, in white space or
/// in how a string is escaped. Numbers count as they are written, so <c>1</c> and <c>1.0</c> differ.
/// </summary>
public static class CanonicalJson
{
    /// <summary>The SHA-256 of the canonical form, 64 lower-case hexadecimal digits.</summary>
    public static string Hash(JsonElement value) => Hash(value, omit: null);

    /// <inheritdoc cref="Hash(JsonElement)"/>
    public static string Hash(JsonNode? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            if (value is null)
                writer.WriteNullValue();
            else
                value.WriteTo(writer);
        }
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return Hash(document.RootElement);
    }

    /// <summary>The hash without the members that <paramref name="omit"/> names by their path and value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="omit">Whether a member is left out; null for none.</param>
    /// <param name="replace">What counts in the place of a text, by its path; null, or an answer of null, leaves it.</param>
    internal static string Hash(JsonElement value, Func<IReadOnlyList<string>, JsonElement, bool>? omit, Func<IReadOnlyList<string>, string, string?>? replace = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            new Form(writer, omit, replace).Write(value);
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private sealed class Form(Utf8JsonWriter writer, Func<IReadOnlyList<string>, JsonElement, bool>? omit, Func<IReadOnlyList<string>, string, string?>? replace)
    {
        private readonly List<string> _path = [];

        public void Write(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    WriteObject(value);
                    break;
                case JsonValueKind.Array:
                    writer.WriteStartArray();
                    foreach (var item in value.EnumerateArray())
                        Write(item);
                    writer.WriteEndArray();
                    break;
                case JsonValueKind.String:
                    var text = value.GetString()!;
                    writer.WriteStringValue(replace?.Invoke(_path, text) ?? text);
                    break;
                case JsonValueKind.Number:
                    writer.WriteRawValue(value.GetRawText());
                    break;
                default:
                    value.WriteTo(writer);
                    break;
            }
        }

        private void WriteObject(JsonElement value)
        {
            writer.WriteStartObject();
            foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
            {
                _path.Add(member.Name);
                if (omit is null || !omit(_path, member.Value))
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value);
                }
                _path.RemoveAt(_path.Count - 1);
            }
            writer.WriteEndObject();
        }
    }
}
