using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Tests.Architecture;

namespace RolloutController.Tests.Docs;

/// <summary>
/// <c>docs/troubleshooting.md</c> has each reason and each message that a Rollout can show. Both are found in the compiled code of the rooms that put
/// things into words, so that a new one fails here until it has its entry, or is named below as something else.
/// </summary>
internal sealed partial class TroubleshootingTests
{
    private static readonly string[] Rooms = ["Planning", "Analysis", "Traffic", "Control"];

    /// <summary>Words in capitals that are no reasons: kinds, fields and words of the APIs, and parts that reasons are put together of.</summary>
    private static readonly string[] OtherWords =
    [
        "Accepted", "Breached", "AboveStable", "AboveThreshold", "Complete", "ConfigMap", "Critical", "Deployment", "ErrorRate", "Exact", "ExternalName", "Failed", "False", "Gateway", "In", "Exists",
        "NotIn", "DoesNotExist", "Latency", "Never", "Ok", "Pending", "PartiallyInvalid", "PodScheduled", "Progressing", "Ready", "Reconciling", "ReconcileId", "ReplicaSet", "ResolvedRefs", "Revision", "Rollout", "Secret", "Service", "Stalled",
        "Succeeded", "True", "Unknown", "CrashLoopBackOff", "ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "RegistryUnavailable", "Reconcile", "Unreadable", "Passed", "RolloutController",
    ];

    /// <summary>Reasons of events that no condition has; docs/events.md lists them.</summary>
    private static readonly string[] EventsOnly =
    [
        "AwaitingPromotion", "CheckMisconfigured", "CheckWarning", "Deployed", "GatesPassed", "OperationDone", "OperationRefused", "Recovered", "Reverted", "RollbackStuck", "RolloutStalled",
        "RolloutStarted", "ScaledToZero", "Superseded", "TrafficRestored", "WeightSet", "WorkloadReturned", "WorkloadStaysPaused",
    ];

    /// <summary>Types whose sentences no status has as they are: mistakes of programmers, history, and selectors, which have one entry together.</summary>
    private static readonly string[] Unshown =
    [
        "Analysis.BinomialTail", "Analysis.RequestFloor", "Analysis.PercentString", "Analysis.ErrorRateRule", "Analysis.Metrics.Selector", "Analysis.Metrics.QueryTemplate", "Analysis.Metrics.LogQuery", "Analysis.Metrics.Presets",
        "Planning.RevisionHistory", "Traffic.GatewayRoutes", "Traffic.GatewayRouteJson", "Analysis.Checks.HookJson", "Control.RolloutJson", "Control.Executor", "Control.CachedWrites", "Control.ControlService", "Control.LiveEndpoints",
        "Control.Caches", "Control.Leading", "Control.Health", "Control.Intents", "Control.StatusWriter", "Control.Takeover", "Control.Tenure",
    ];

    /// <summary>Sentences of events, of history, of what is well, and of mistakes of programmers.</summary>
    private static readonly string[] OtherSentences =
    [
        "there is no stage", "there is no runbook for the state", "has all the traffic again", "is not an operation", "sets out to replace", "spec.replicas is 0; the rollout of", "ends, and it is deployed without steps",
        "gets the requests of spec.traffic.match", "it is monitored for", "something else changed the weights from", "they are set again", "there is no way to carry out the check",
        "a Rollout whose metrics provider is not there is not judged", "the lease may have run out, so nothing is written; another replica may be leading", "the pods of namespace", "`selector` does not match",
        "changed meanwhile; looking again", "is not known and ignored", "Fresh counts are judged, not held.", "its Rollout is gone; it has its pods back and goes on", "log lines are picked", "log lines is picked",
        "the namespace label is not a label's name.", "99 of 100 took about", "in the stable version", "pods answer as they should", "1 pod answers as it should",
    ];

    private static readonly string Page = Markdown.Read("docs/troubleshooting.md").Text;

    private static readonly IReadOnlyList<StringLiteral> Literals =
        [.. StringLiterals.Of(typeof(RolloutSpec).Assembly).Where(literal => Rooms.Any(room => Use.IsIn(literal.Type, $"{Controller.Namespace}.{room}")))];

    private static IEnumerable<string> Reasons() =>
    [
        .. Literals.Where(literal => !literal.Type.EndsWith("Json", StringComparison.Ordinal)).Select(literal => literal.Text).Where(text => CapitalWord().IsMatch(text)).Except(OtherWords).Except(EventsOnly),
        .. Enum.GetNames<VerdictClass>(),
        .. new[] { CountWording.Errors, CountWording.SlowerThan(TimeSpan.FromSeconds(1)) }.SelectMany(wording => new[] { "Breached", "AboveThreshold", "AboveStable" }.Select(what => wording.Reason + what)),
    ];

    [Test]
    public void Every_reason_has_its_entry() =>
        Assert.That(Reasons().Distinct().Where(reason => !Page.Contains($"`{reason}`", StringComparison.Ordinal)), Is.Empty, "docs/troubleshooting.md lacks these reasons; or they are none: then name them in OtherWords");

    [Test]
    public void Every_message_has_its_entry()
    {
        var page = Spaces().Replace(Page, " ");
        var missing = Literals.Where(IsMessage).Where(literal => !page.Contains(Core(literal.Text), StringComparison.Ordinal)).Select(literal => $"{literal.Type}: {literal.Text}");
        Assert.That(missing, Is.Empty, "docs/troubleshooting.md lacks these messages; or no status shows them: then name the type in Unshown");
    }

    [Test]
    public void No_word_is_set_aside_that_the_code_does_not_have()
    {
        var words = Literals.Select(literal => literal.Text).ToHashSet();
        var sentences = Literals.Select(literal => Core(literal.Text)).ToHashSet();
        Assert.That(OtherWords.Concat(EventsOnly).Where(word => !words.Contains(word)).Concat(OtherSentences.Where(sentence => !sentences.Contains(sentence))), Is.Empty);
    }

    /// <summary>A text of four words or more, without the named holes of a log template, and not what a record calls its fields.</summary>
    private static bool IsMessage(StringLiteral literal) => Core(literal.Text).Split(' ').Length >= 4 && !NamedHole().IsMatch(literal.Text) && !literal.Text.EndsWith(" = ", StringComparison.Ordinal)
        && !Unshown.Any(type => literal.Type.StartsWith($"{Controller.Namespace}.{type}", StringComparison.Ordinal)) && !OtherSentences.Contains(Core(literal.Text));

    /// <summary>A part of a sentence without what joins it to the next.</summary>
    private static string Core(string text) => Spaces().Replace(text, " ").Trim().TrimStart(',', ';', ':', '.', ')', '\'', '%', ' ').TrimEnd(',', ';', ':', '(', '\'', '%', ' ', '{');

    [GeneratedRegex("^[A-Z][a-z]+([A-Z][a-z]+)*$")]
    private static partial Regex CapitalWord();

    [GeneratedRegex(@"\{[A-Z][A-Za-z]*\}")]
    private static partial Regex NamedHole();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
