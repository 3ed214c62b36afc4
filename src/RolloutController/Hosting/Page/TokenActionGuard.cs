using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Net.Http.Headers;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// Lets act who brings a Kubernetes token whose owner may make the very patch that the action makes, by the word of the API server, asked anew for
/// each request. Nothing of the token is kept or written, and no message of the API is passed on that could repeat it.
/// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
/// </summary>
/// <param name="client">Asks the API; it needs to create tokenreviews and subjectaccessreviews.</param>
internal sealed class TokenActionGuard(Func<IKubernetesClient> client) : IActionGuard, IDisposable
{
    /// <summary>The most requests that are checked at a time: who has no token must not make the controller ask the API without bound.</summary>
    public const int MaxChecks = 8;

    /// <summary>The most characters of a token; those of the API server have some thousand.</summary>
    public const int MaxToken = 16 * 1024;

    private const string Scheme = "Bearer ";

    private readonly SemaphoreSlim _places = new(MaxChecks);

    /// <inheritdoc/>
    public bool AsksForToken => true;

    /// <inheritdoc/>
    public async Task<ActionPermission> CheckAsync(HttpContext context, ObjectKey? rollout, CancellationToken cancellationToken)
    {
        if (TokenOf(context.Request) is not { } token)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return ActionPermission.Refused(StatusCodes.Status401Unauthorized, "Send a Kubernetes token: Authorization: Bearer <token>.");
        }

        if (rollout is not { } key)
            return ActionPermission.Refused(StatusCodes.Status403Forbidden, "Only operations on a Rollout can be checked by a token.");
        if (!await _places.WaitAsync(0, cancellationToken))
        {
            context.Response.Headers.RetryAfter = "1";
            return ActionPermission.Refused(StatusCodes.Status503ServiceUnavailable, $"{MaxChecks} tokens are being checked already; try again.");
        }

        try
        {
            return await AskAsync(context, key, token, cancellationToken);
        }
        catch (KubernetesApiException refused)
        {
            return refused.StatusCode == HttpStatusCode.Forbidden
                ? ActionPermission.Refused(StatusCodes.Status502BadGateway, "The controller may not check tokens and rights: apply deploy/optional/rbac-page-actions.yaml.")
                : ActionPermission.Refused(StatusCodes.Status502BadGateway, $"The Kubernetes API could not check the token (status {(int)refused.StatusCode}).");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or TimeoutException or KubernetesConfigurationException or KubernetesCredentialException)
        {
            return ActionPermission.Refused(StatusCodes.Status502BadGateway, "The Kubernetes API does not answer, so the token cannot be checked.");
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private static string? TokenOf(HttpRequest request) =>
        request.Headers[HeaderNames.Authorization] is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && header[Scheme.Length..].Trim() is { Length: > 0 and <= MaxToken } token
            ? token
            : null;

    private async Task<ActionPermission> AskAsync(HttpContext context, ObjectKey rollout, string token, CancellationToken cancellationToken)
    {
        var api = client();
        var review = await api.CreateAsync(KubernetesKinds.TokenReview, "", Question(KubernetesKinds.TokenReview, new JsonObject { ["token"] = token }), cancellationToken);
        if (review.Status is not { Authenticated: true, User: { Username.Length: > 0 } user })
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            return ActionPermission.Refused(StatusCodes.Status401Unauthorized, "The token is not, or no longer, good for this cluster.");
        }

        var access = await api.CreateAsync(KubernetesKinds.SubjectAccessReview, "", Question(KubernetesKinds.SubjectAccessReview, Patch(user, rollout)), cancellationToken);
        return access.Status.Allowed
            ? ActionPermission.Granted(user.Username)
            : ActionPermission.Refused(
                StatusCodes.Status403Forbidden,
                $"{user.Username} may not patch rollouts.rollouts.dev \"{rollout.Name}\" in namespace {rollout.Namespace}: the ClusterRole edit brings that right.",
                user.Username);
    }

    private static JsonObject Question<T>(ResourceKind<T> kind, JsonObject spec)
        where T : class, IKubernetesObject => new() { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind, ["spec"] = spec };

    private static JsonObject Patch(UserInfo user, ObjectKey rollout) => new()
    {
        ["user"] = user.Username,
        ["uid"] = user.Uid,
        ["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]),
        ["extra"] = user.Extra is { } extra ? JsonNode.Parse(extra.GetRawText()) : null,
        ["resourceAttributes"] = new JsonObject
        {
            ["namespace"] = rollout.Namespace,
            ["verb"] = "patch",
            ["group"] = RolloutObject.Kind.Group,
            ["version"] = RolloutObject.Kind.Version,
            ["resource"] = RolloutObject.Kind.Plural,
            ["name"] = rollout.Name,
        },
    };
}
