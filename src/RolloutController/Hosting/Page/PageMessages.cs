using System.Text.Json.Serialization;
using RolloutController.Api;

namespace RolloutController.Hosting.Page;

/// <summary>What the page is told of the process behind it.</summary>
/// <param name="Assets">Tells the page's own files from those of another build.</param>
/// <param name="Version">The version.</param>
/// <param name="Commit">The commit; empty where the build did not know it.</param>
/// <param name="Now">The process' time, by which the page sets its own.</param>
/// <param name="Missing">What keeps the controller from its work; empty where nothing does.</param>
/// <param name="CanAct">Whether there are operations; the page is read-only otherwise.</param>
/// <param name="AsksForToken">Whether each operation needs a Kubernetes token.</param>
/// <param name="Actions">What can be done beside the operations on a Rollout.</param>
internal sealed record HostView(
    string Assets, string Version, string Commit, DateTimeOffset Now, IReadOnlyList<MissingView> Missing, bool CanAct, bool AsksForToken, IReadOnlyList<ActionView> Actions);

/// <summary>Something that keeps the controller from its work.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record MissingView(string Name, string Message);

/// <summary>An action as the page offers it.</summary>
/// <param name="Id">Its name in requests.</param>
/// <param name="Label">What the button says.</param>
/// <param name="Description">What comes of it.</param>
/// <param name="IsDangerous">Whether it makes things fail.</param>
internal sealed record ActionView(string Id, string Label, string Description, bool IsDangerous);

/// <summary>Lines of the list.</summary>
/// <param name="Now">The process' time.</param>
/// <param name="IsWhole">Whether Rollouts that are not among them, or among those of the messages that follow at once, are gone.</param>
/// <param name="Rollouts">The lines that are new or changed.</param>
/// <param name="Gone">The Rollouts that are gone, as <c>namespace/name</c>.</param>
internal sealed record ListMessage(DateTimeOffset Now, bool IsWhole, IReadOnlyList<RolloutSummary> Rollouts, IReadOnlyList<string> Gone);

/// <summary>One Rollout.</summary>
/// <param name="Now">The process' time.</param>
/// <param name="IsKnown">Whether it is known by now which Rollouts there are.</param>
/// <param name="Rollout">The Rollout; null where there is none.</param>
internal sealed record DetailMessage(DateTimeOffset Now, bool IsKnown, RolloutDetail? Rollout);

/// <summary>The process' time, as a sign of life.</summary>
/// <param name="Now">The process' time.</param>
internal sealed record PingMessage(DateTimeOffset Now);

/// <summary>What came of a request.</summary>
/// <param name="Message">A sentence for people.</param>
internal sealed record AnswerMessage(string Message);

/// <summary>An operation as it is asked for.</summary>
/// <param name="Verb">An <see cref="Control.Intents.IntentVerb"/>.</param>
/// <param name="Revision">The revision that is meant.</param>
internal sealed record OperationMessage(string? Verb, string? Revision);

/// <summary>Writes what the page reads.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(MomentConverter)])]
[JsonSerializable(typeof(HostView))]
[JsonSerializable(typeof(ListMessage))]
[JsonSerializable(typeof(DetailMessage))]
[JsonSerializable(typeof(PingMessage))]
[JsonSerializable(typeof(AnswerMessage))]
[JsonSerializable(typeof(OperationMessage))]
internal sealed partial class PageJson : JsonSerializerContext;
