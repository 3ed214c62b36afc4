using System.Buffers;
using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>What a line of a watch says at first glance, before its object is read.</summary>
/// <param name="Type">The event's type as the API writes it; empty where the line does not tell.</param>
/// <param name="Key">The object's key.</param>
/// <param name="ResourceVersion">The object's version; empty where the line does not tell.</param>
/// <param name="ObjectStart">Where the object begins in the line; -1 where there is none.</param>
internal readonly record struct WatchFrame(string Type, ObjectKey Key, string ResourceVersion, long ObjectStart)
{
    /// <summary>
    /// Looks at a line, which may be cut off or broken: whatever was there before the break is told. Reads no further than the
    /// object's metadata, which the API writes first.
    /// </summary>
    public static WatchFrame Peek(in ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line, isFinalBlock: false, new JsonReaderState(ApiDepth.Unlimited));
        var (type, @namespace, name, version, objectStart) = ("", "", "", "", -1L);
        var (inObject, inMetadata) = (false, false);
        try
        {
            while (!(type.Length > 0 && version.Length > 0 && reader.TokenType is JsonTokenType.EndObject && reader.CurrentDepth == 2) && reader.Read())
            {
                if (reader.TokenType is not JsonTokenType.PropertyName)
                    continue;
                switch (reader.CurrentDepth)
                {
                    case 1:
                        inObject = reader.ValueTextEquals("object"u8);
                        if (inObject && reader.Read())
                            objectStart = reader.TokenStartIndex;
                        else if (reader.ValueTextEquals("type"u8) && reader.Read())
                            type = TextOf(ref reader);
                        break;
                    case 2:
                        inMetadata = inObject && reader.ValueTextEquals("metadata"u8);
                        break;
                    case 3 when inMetadata && reader.ValueTextEquals("name"u8) && reader.Read():
                        name = TextOf(ref reader);
                        break;
                    case 3 when inMetadata && reader.ValueTextEquals("namespace"u8) && reader.Read():
                        @namespace = TextOf(ref reader);
                        break;
                    case 3 when inMetadata && reader.ValueTextEquals("resourceVersion"u8) && reader.Read():
                        version = TextOf(ref reader);
                        break;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Broken here; what came before still counts.
        }
        return new WatchFrame(type, new ObjectKey(@namespace, name), version, objectStart);
    }

    private static string TextOf(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.String ? reader.GetString() ?? "" : "";
}
