using System.Net;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Hooks;

/// <summary>Says what an endpoint answers.</summary>
/// <param name="check">The check that asks.</param>
/// <param name="revision">The revision that it asks about.</param>
public delegate HookAnswer HookAnswers(string check, string revision);

/// <summary>What an endpoint answers.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Message">Why.</param>
public sealed record HookAnswer(HookVerdict Verdict, string Message = "")
{
    /// <summary>Nothing is against it.</summary>
    public static HookAnswer Proceed { get; } = new(HookVerdict.Proceed);
}

/// <summary>The verdicts of endpoints.</summary>
public enum HookVerdict
{
    /// <summary>It may go on.</summary>
    Proceed,

    /// <summary>It has to wait.</summary>
    Hold,

    /// <summary>It has to go back.</summary>
    Rollback,
}

/// <summary>What an endpoint answers about a version.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Answer">The answer.</param>
/// <param name="After">How long after the new version was shipped it begins to.</param>
/// <param name="For">How long it does; null for ever.</param>
public sealed record HookConduct(string Check, HookAnswer Answer, TimeSpan After, TimeSpan? For = null)
{
    /// <summary>Whether this is what it answers.</summary>
    /// <param name="check">The check that asks.</param>
    /// <param name="elapsed">How long ago the new version was shipped.</param>
    public bool Applies(string check, TimeSpan elapsed) => check == Check && elapsed >= After && !(elapsed >= After + For);
}

/// <summary>Plays every endpoint that is asked about versions; nothing goes over a network.</summary>
/// <param name="answers">What they answer.</param>
internal sealed class SimulatedHooks(HookAnswers answers) : HttpMessageHandler
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var question = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        var answer = answers((string)question["check"]!, (string)question["revision"]!);
        var body = new JsonObject { ["verdict"] = answer.Verdict.ToString().ToLowerInvariant(), ["message"] = answer.Message };
        return new HttpResponseMessage(HttpStatusCode.OK)
        {
            RequestMessage = request,
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeNames.Application.Json),
        };
    }
}
