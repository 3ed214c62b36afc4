using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>A request to the API, freed of its transport.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, decoded.</param>
/// <param name="Query">The query.</param>
/// <param name="MediaType">The type of the body; empty without one.</param>
/// <param name="Accept">The types that the client takes.</param>
/// <param name="Token">The bearer token; null for none.</param>
/// <param name="Body">The body.</param>
internal sealed record ApiRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Query, string MediaType, string Accept, string? Token, ReadOnlyMemory<byte> Body)
{
    /// <summary>A parameter of the query; empty when it is not there.</summary>
    public string Parameter(string name) => Query.GetValueOrDefault(name, "");

    /// <summary>Whether a parameter of the query is set to true.</summary>
    public bool Asks(string name) => Query.TryGetValue(name, out var value) && value is "" or "true" or "1";

    /// <summary>The body as JSON, which may be written as YAML where the type says so.</summary>
    /// <exception cref="ApiFailure">It cannot be read.</exception>
    public JsonNode Json()
    {
        try
        {
            if (MediaType.EndsWith("yaml", StringComparison.Ordinal) && Body.Span.TrimStart((byte)' ') is not [(byte)'{', ..])
                return YamlReader.Read(System.Text.Encoding.UTF8.GetString(Body.Span)).Single();
            return JsonNode.Parse(Body.Span) ?? throw Failures.BadRequest("the body is null");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            throw Failures.BadRequest($"the object provided is unrecognized (must be of type {MediaType}): {exception.Message}");
        }
    }

    /// <summary>The body as a JSON object.</summary>
    /// <exception cref="ApiFailure">It is none.</exception>
    public JsonObject Object() => Json() as JsonObject ?? throw Failures.BadRequest("the body is not an object");

    /// <summary>The parameters of a query.</summary>
    public static Dictionary<string, string> ReadQuery(string query)
    {
        var parameters = HttpUtility.ParseQueryString(query);
        return parameters.AllKeys.OfType<string>().ToDictionary(name => name, name => parameters[name] ?? "");
    }
}

/// <summary>An answer of the API.</summary>
internal abstract record ApiAnswer
{
    /// <summary>A body that is there.</summary>
    /// <param name="Code">The HTTP status.</param>
    /// <param name="Body">The body.</param>
    /// <param name="MediaType">Its type.</param>
    public sealed record Whole(int Code, ReadOnlyMemory<byte> Body, string MediaType = "application/json") : ApiAnswer
    {
        /// <summary>What the client is warned of.</summary>
        public IReadOnlyList<string> Warnings { get; init; } = [];
    }

    /// <summary>A watch that goes on.</summary>
    /// <param name="Body">Its lines.</param>
    public sealed record Stream(WatchStream Body) : ApiAnswer;
}
