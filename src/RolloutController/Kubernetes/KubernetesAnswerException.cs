using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>The API answered with success, and what it answered cannot be read: it is no JSON, or not what the kind promises.</summary>
public sealed class KubernetesAnswerException : JsonException
{
    internal KubernetesAnswerException(KubernetesRequest request, HttpResponseMessage response, Exception unreadable)
        : base($"{request}: {ForeignAnswer.Of(response) ?? $"the answer of {request.Address.Authority} cannot be read: {unreadable.Message}"} ({(int)response.StatusCode})", unreadable) =>
        IsForeign = ForeignAnswer.Of(response) is not null;

    /// <summary>Whether something else than the API answered, such as a login page before it.</summary>
    public bool IsForeign { get; }
}
