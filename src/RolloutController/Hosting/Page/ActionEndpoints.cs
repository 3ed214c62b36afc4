using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using RolloutController.Control.Intents;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>Takes what people ask for by the page.</summary>
/// <param name="actions">Does it.</param>
/// <param name="guard">Decides who may.</param>
/// <param name="listen">The address that the host listens on.</param>
/// <param name="logger">Told of everything that was asked for.</param>
internal sealed class ActionEndpoints(IPageActions actions, IActionGuard guard, IPAddress listen, ILogger logger)
{
    /// <summary>Adds the endpoints.</summary>
    public void Map(WebApplication app)
    {
        app.MapPost("/api/v1/rollouts/{namespace}/{name}/operations", ServeOperationAsync);
        app.MapPost("/api/v1/actions/{id}", ServeActionAsync);
    }

    private Task ServeOperationAsync(HttpContext context) => ServeAsync(context, PageEndpoints.KeyOf(context), user => OperateAsync(context, user));

    private Task ServeActionAsync(HttpContext context) => ServeAsync(context, null, _ => RunAsync(context));

    private async Task ServeAsync(HttpContext context, ObjectKey? rollout, Func<string, Task<(int Status, string Message)>> serve)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = ActionCheck.MaxBody;
        var (user, status, message) = ActionCheck.Refuse(context.Request, guard.AsksForToken ? null : listen) is { } refusal
            ? ("", refusal.Status, refusal.Message)
            : await GuardedAsync(context, rollout, serve);
        logger.LogInformation(
            "{Path} was asked for by {User} at {Remote}: {Status}, {Message}",
            context.Request.Path.Value, user.Length == 0 ? "somebody" : user, context.Connection.RemoteIpAddress, status, message);
        await PageEndpoints.WriteAsync(context, status, new AnswerMessage(message), PageJson.Default.AnswerMessage);
    }

    private async Task<(string User, int Status, string Message)> GuardedAsync(HttpContext context, ObjectKey? rollout, Func<string, Task<(int Status, string Message)>> serve)
    {
        var permission = await guard.CheckAsync(context, rollout, context.RequestAborted);
        if (!permission.IsGranted)
            return (permission.User, permission.Status, permission.Message);
        var (status, message) = await TryAsync(() => serve(permission.User));
        return (permission.User, status, message);
    }

    private static async Task<(int Status, string Message)> TryAsync(Func<Task<(int Status, string Message)>> serve)
    {
        try
        {
            return await serve();
        }
        catch (JsonException wrong)
        {
            return (StatusCodes.Status400BadRequest, $"The body is no JSON object of a verb and a revision: {wrong.Message}");
        }
        catch (BadHttpRequestException wrong)
        {
            return (wrong.StatusCode, wrong.Message);
        }
        catch (KubernetesApiException refused)
        {
            return (refused.IsNotFound ? StatusCodes.Status404NotFound : StatusCodes.Status502BadGateway, $"The Kubernetes API refuses it: {refused.Message}");
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or TimeoutException or KubernetesConfigurationException or KubernetesCredentialException)
        {
            return (StatusCodes.Status502BadGateway, $"The Kubernetes API does not answer: {failed.Message}");
        }
    }

    private async Task<(int Status, string Message)> OperateAsync(HttpContext context, string user)
    {
        var asked = await JsonSerializer.DeserializeAsync(context.Request.Body, PageJson.Default.OperationMessage, context.RequestAborted);
        var verb = Enum.GetValues<IntentVerb>().Select(verb => (IntentVerb?)verb).FirstOrDefault(verb => verb.ToString()!.Equals(asked?.Verb, StringComparison.OrdinalIgnoreCase));
        if (verb is not { } known)
            return (StatusCodes.Status400BadRequest, $"\"{asked?.Verb}\" is no verb: write one of {string.Join(", ", Enum.GetNames<IntentVerb>())}.");
        return Answer(await actions.OperateAsync(PageEndpoints.KeyOf(context), new Intent(known, asked?.Revision ?? ""), user, context.RequestAborted));
    }

    private async Task<(int Status, string Message)> RunAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return actions.Actions.FirstOrDefault(action => action.Id == id) is { } action
            ? Answer(await action.Run(context.RequestAborted))
            : (StatusCodes.Status404NotFound, $"There is no action \"{id}\".");
    }

    private static (int Status, string Message) Answer(ActionOutcome outcome) =>
        (outcome.IsDone ? StatusCodes.Status202Accepted : StatusCodes.Status409Conflict, outcome.Message);
}
