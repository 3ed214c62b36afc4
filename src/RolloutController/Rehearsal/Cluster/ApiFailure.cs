using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>The cluster refuses a request, as an API server does with a Status.</summary>
/// <param name="code">The HTTP status.</param>
/// <param name="reason">The machine-readable reason, such as <c>Invalid</c>.</param>
/// <param name="message">What is wrong, in the words of an API server.</param>
/// <param name="causes">The fields that are wrong.</param>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "The API calls it a failure: Status.status.")]
public sealed class ApiFailure(HttpStatusCode code, string reason, string message, IReadOnlyList<FieldProblem>? causes = null) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Code { get; } = code;

    /// <summary>The machine-readable reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>The fields that are wrong.</summary>
    public IReadOnlyList<FieldProblem> Causes { get; } = causes ?? [];

    /// <summary>The kind of the object that is refused, or its plural, as an API server has it; empty where none is named.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Its group.</summary>
    public string Group { get; init; } = "";

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";
}

/// <summary>What is wrong with a field.</summary>
/// <param name="Reason">The machine-readable reason, such as <c>FieldValueRequired</c>.</param>
/// <param name="Field">The path of the field, such as <c>spec.steps[0].weight</c>.</param>
/// <param name="Message">What is wrong, in the words of an API server.</param>
public sealed record FieldProblem(string Reason, string Field, string Message);
