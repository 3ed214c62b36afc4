using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace RolloutController.Hosting.Page;

/// <summary>
/// The page's files, which the executable carries. All but the page itself are served below a path that holds the hash of them all:
/// what such a path names never changes, so browsers need not ask again.
/// </summary>
internal static class PageAssets
{
    private const string Prefix = "page/";
    private const string Document = "index.html";
    private const string HashMark = "{{assets}}";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly FrozenDictionary<string, byte[]> Files = Read();

    /// <summary>Tells the files of this build from those of another.</summary>
    public static string Hash { get; } = HashOf(Files);

    // Below what it is made of: initializers run from top to bottom.
    private static readonly byte[] Index = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Files[Document]).Replace(HashMark, $"/page/{Hash}", StringComparison.Ordinal));

    /// <summary>Adds the endpoints.</summary>
    public static void Map(WebApplication app)
    {
        app.MapMethods("/", Methods, context => ServeAsync(context, Document, Index, "no-cache"));
        app.MapMethods($"/page/{Hash}/{{file}}", Methods, ServeFileAsync);
    }

    private static Task ServeFileAsync(HttpContext context)
    {
        var name = (string)context.Request.RouteValues["file"]!;
        if (name != Document && Files.TryGetValue(name, out var content))
            return ServeAsync(context, name, content, "public, max-age=31536000, immutable");
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static async Task ServeAsync(HttpContext context, string name, byte[] content, string caching)
    {
        var tag = new EntityTagHeaderValue($"\"{Hash}\"");
        var response = context.Response;
        response.Headers.CacheControl = caching;
        response.Headers.ETag = tag.ToString();
        if (EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known) && known.Any(one => one.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = ContentType(name);
        response.ContentLength = content.Length;
        if (HttpMethods.IsGet(context.Request.Method))
            await response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private static FrozenDictionary<string, byte[]> Read()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..], name =>
            {
                using var content = assembly.GetManifestResourceStream(name)!;
                using var copy = new MemoryStream();
                content.CopyTo(copy);
                return copy.ToArray();
            });
    }

    private static string HashOf(FrozenDictionary<string, byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
