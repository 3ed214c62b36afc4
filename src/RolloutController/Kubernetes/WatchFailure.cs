using System.Net;
using System.Net.Sockets;
using Polly.Timeout;

namespace RolloutController.Kubernetes;

/// <summary>What a failed watch means for the next turn of its reflector.</summary>
/// <param name="Reason">The label in metrics.</param>
/// <param name="Relist">Whether the objects must be listed anew; otherwise the watch goes on where it was.</param>
internal readonly record struct WatchFailure(string Reason, bool Relist)
{
    private static readonly TimeSpan ServerErrorPatience = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Judges a failure as client-go's reflector does: a list costs the API most, so one that is overloaded or restarting is not
    /// asked for it.
    /// </summary>
    /// <param name="exception">The failure.</param>
    /// <param name="failingFor">For how long the watch has failed without a success between.</param>
    public static WatchFailure Of(Exception exception, TimeSpan failingFor) => exception switch
    {
        KubernetesApiException { IsGone: true } => new("expired", Relist: true),
        KubernetesApiException { StatusCode: HttpStatusCode.TooManyRequests } => new("throttled", Relist: false),
        KubernetesApiException { StatusCode: >= HttpStatusCode.InternalServerError } => new("server_error", Relist: failingFor > ServerErrorPatience),
        KubernetesApiException => new("refused", Relist: true),
        _ when IsOfTransport(exception) => new("connection", Relist: false),
        _ => new("error", Relist: true),
    };

    /// <summary>Whether the same request may well succeed a little later.</summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        KubernetesApiException api => api.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError,
        _ => IsOfTransport(exception),
    };

    private static bool IsOfTransport(Exception exception) =>
        exception is HttpRequestException or IOException or SocketException or TimeoutException or TimeoutRejectedException or OperationCanceledException;
}
