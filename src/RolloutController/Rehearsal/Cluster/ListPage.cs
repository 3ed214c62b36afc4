using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>A page of a list.</summary>
/// <param name="Items">The objects.</param>
/// <param name="Version">The version of the whole list.</param>
/// <param name="Continue">What asks for the next page; empty at the end.</param>
/// <param name="Remaining">How many objects follow.</param>
internal sealed record ListPage(IReadOnlyList<StoredObject> Items, long Version, string Continue, int Remaining)
{
    /// <summary>The version of which a request asks for another page; null for the first.</summary>
    /// <exception cref="ApiFailure">It goes on from nowhere.</exception>
    public static long? VersionOf(ApiRequest request) => request.Parameter("continue") is { Length: > 0 } token ? Read(token).Version : null;

    /// <summary>The page that a request asks for.</summary>
    /// <exception cref="ApiFailure">It asks for a version that is not there yet, or goes on from nowhere.</exception>
    public static ListPage Cut(IReadOnlyList<StoredObject> items, long version, ApiRequest request)
    {
        if (long.TryParse(request.Parameter("resourceVersion"), CultureInfo.InvariantCulture, out var asked) && asked > version)
        {
            throw new ApiFailure(HttpStatusCode.GatewayTimeout, "Timeout", $"Too large resource version: {asked}, current: {version}",
                [new FieldProblem("ResourceVersionTooLarge", "", "Too large resource version")]);
        }
        if (request.Parameter("continue") is { Length: > 0 } token)
        {
            var (last, _) = Read(token);
            items = [.. items.SkipWhile(item => new ResourceName(item.Namespace, item.Name).CompareTo(last) <= 0)];
        }
        if (!int.TryParse(request.Parameter("limit"), CultureInfo.InvariantCulture, out var limit) || limit <= 0 || items.Count <= limit)
            return new ListPage(items, version, "", 0);
        var page = items.Take(limit).ToList();
        return new ListPage(page, version, Token(page[^1], version), items.Count - limit);
    }

    /// <summary>The page as it is sent.</summary>
    public ReadOnlyMemory<byte> Write(Resource resource)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", $"{resource.Kind}List");
            writer.WriteString("apiVersion", resource.ApiVersion);
            writer.WriteStartObject("metadata");
            writer.WriteString("resourceVersion", Version.ToString(CultureInfo.InvariantCulture));
            if (Continue.Length > 0)
            {
                writer.WriteString("continue", Continue);
                writer.WriteNumber("remainingItemCount", Remaining);
            }
            writer.WriteEndObject();
            writer.WriteStartArray("items");
            foreach (var item in Items)
                writer.WriteRawValue(resource.Send(item).Span, skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static string Token(StoredObject last, long version) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version}\n{last.Namespace}\n{last.Name}"));

    private static (ResourceName Last, long Version) Read(string token)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(token)).Split('\n');
            return (new ResourceName(parts[1], parts[2]), long.Parse(parts[0], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is FormatException or IndexOutOfRangeException)
        {
            throw Failures.BadRequest("continue key is not valid");
        }
    }
}
