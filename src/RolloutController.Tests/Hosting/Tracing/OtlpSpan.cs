using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace RolloutController.Tests.Hosting.Tracing;

/// <summary>A span as it is sent. https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto</summary>
internal sealed record OtlpSpan(string TraceId, string SpanId, string ParentId, string Name, TimeSpan Duration, bool IsError, IReadOnlyDictionary<string, string> Attributes)
{
    /// <summary>The name of the service that sent it.</summary>
    public string Service { get; private init; } = "";

    /// <summary>The spans of an ExportTraceServiceRequest.</summary>
    public static IEnumerable<OtlpSpan> Read(ReadOnlyMemory<byte> request) =>
        from resource in Fields(request).Where(field => field.Number == 1)
        let service = Fields(resource.Bytes).Where(field => field.Number == 1).SelectMany(field => AttributesOf(field.Bytes, 1)).First(pair => pair.Key == "service.name").Value
        from scope in Fields(resource.Bytes).Where(field => field.Number == 2)
        from span in Fields(scope.Bytes).Where(field => field.Number == 2)
        select Of(span.Bytes) with { Service = service };

    private static OtlpSpan Of(ReadOnlyMemory<byte> span)
    {
        var fields = Fields(span).ToList();
        return new OtlpSpan(
            Hex(1), Hex(2), Hex(4), Text(fields.First(field => field.Number == 5).Bytes),
            TimeSpan.FromMicroseconds((Number(8) - Number(7)) / 1000d),
            fields.Where(field => field.Number == 15).SelectMany(status => Fields(status.Bytes)).Any(field => field is { Number: 3, Value: 2 }),
            AttributesOf(span, 9).ToDictionary());

        string Hex(int number) => fields.Where(field => field.Number == number).Select(field => Convert.ToHexStringLower(field.Bytes.Span)).FirstOrDefault("");

        long Number(int number) => (long)fields.First(field => field.Number == number).Value;
    }

    /// <summary>The attributes in a message, which are the fields of a number.</summary>
    private static IEnumerable<KeyValuePair<string, string>> AttributesOf(ReadOnlyMemory<byte> message, int number) =>
        from pair in Fields(message).Where(field => field.Number == number)
        let parts = Fields(pair.Bytes).ToList()
        let value = Fields(parts.First(part => part.Number == 2).Bytes).SingleOrDefault()
        select KeyValuePair.Create(Text(parts.First(part => part.Number == 1).Bytes), value.Number == 1 ? Text(value.Bytes) : value.Value.ToString(CultureInfo.InvariantCulture));

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>The fields of a message. https://protobuf.dev/programming-guides/encoding/</summary>
    private static List<Field> Fields(ReadOnlyMemory<byte> message)
    {
        var fields = new List<Field>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message.Span, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add(new Field(number, Varint(message.Span, ref at), default));
                    break;
                case 1:
                    fields.Add(new Field(number, BinaryPrimitives.ReadUInt64LittleEndian(message.Span[at..]), default));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    fields.Add(new Field(number, 0, message.Slice(at, length)));
                    at += length;
                    break;
                case 5:
                    fields.Add(new Field(number, BinaryPrimitives.ReadUInt32LittleEndian(message.Span[at..]), default));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var one = bytes[at++];
            value |= (ulong)(one & 0x7F) << shift;
            if (one < 0x80)
                return value;
        }
    }

    private readonly record struct Field(int Number, ulong Value, ReadOnlyMemory<byte> Bytes);
}
