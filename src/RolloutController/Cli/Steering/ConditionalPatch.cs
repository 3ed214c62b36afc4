using System.Net;
using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Steering;

/// <summary>Changes an object only if what is wanted of it is what the person saw. Its status may have changed; it does so all the time.</summary>
internal static class ConditionalPatch
{
    /// <summary>Changes an object.</summary>
    /// <param name="client">Asks the cluster.</param>
    /// <param name="kind">The object's kind.</param>
    /// <param name="seen">The object as it was read.</param>
    /// <param name="operations">Operations of a JSON patch (RFC 6902).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The object after it.</returns>
    /// <exception cref="CommandException">It was changed meanwhile; nothing was written.</exception>
    public static async Task<T> PatchAsync<T>(IKubernetesClient client, ResourceKind<T> kind, T seen, IEnumerable<JsonObject> operations, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var metadata = seen.Metadata;
        JsonObject[] conditions = [Operation("test", "/metadata/uid", metadata.Uid), Operation("test", "/metadata/generation", metadata.Generation)];
        try
        {
            return await client.PatchAsync(kind, metadata.Key, Patch.Json(new JsonArray([.. conditions, .. operations])), cancellationToken);
        }
        catch (KubernetesApiException refused) when (refused.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // The words for a test that fails differ from server to server; whether it failed can be seen.
            var now = await client.GetAsync(kind, metadata.Key, cancellationToken);
            if (now is null || now.Metadata.Uid != metadata.Uid)
                throw new CommandException($"{kind.Kind} {metadata.Key} was deleted while you looked at it; nothing was written.");
            if (now.Metadata.Generation != metadata.Generation)
            {
                throw new CommandException(
                    $"{kind.Kind} {metadata.Key} was changed while you looked at it (generation {now.Metadata.Generation}, you saw {metadata.Generation}); nothing was written. Look at it, and ask again if you still want it.");
            }

            throw;
        }
    }

    /// <summary>An operation of a JSON patch.</summary>
    public static JsonObject Operation(string operation, string path, JsonNode? value) => new() { ["op"] = operation, ["path"] = path, ["value"] = value };
}
