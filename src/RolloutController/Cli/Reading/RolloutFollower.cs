using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Cli.Reading;

/// <summary>Follows one Rollout, over every trouble of the connection that may pass.</summary>
/// <param name="client">Asks the cluster.</param>
/// <param name="clock">The clock.</param>
internal sealed class RolloutFollower(IKubernetesClient client, TimeProvider clock)
{
    /// <summary>The Rollout as it is, and again whenever it changes; null when it is gone, which ends it.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KubernetesApiException">The cluster does not let you watch it.</exception>
    public async IAsyncEnumerable<RolloutObject?> FollowAsync(ObjectKey key, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var news = Channel.CreateUnbounded<RolloutObject?>();
        var options = new InformerOptions<RolloutObject> { Namespaces = [key.Namespace], FieldSelector = $"metadata.name={key.Name}" };
        var informer = new Informer<RolloutObject>(client, RolloutObject.Kind, options, clock, NullLogger.Instance);
        informer.Changed += change => news.Writer.TryWrite(change.New);
        informer.Failed += failure =>
        {
            if (failure is KubernetesApiException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized })
                news.Writer.TryComplete(failure);
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = informer.RunAsync(stop.Token);
        try
        {
            await foreach (var rollout in news.Reader.ReadAllAsync(cancellationToken))
            {
                yield return rollout;
                if (rollout is null)
                    yield break;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until a Rollout meets a condition.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="condition">The condition; the Rollout is null when it is gone.</param>
    /// <param name="timeout">How long; null for as long as it takes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it did in time, and the Rollout as it was last; null where nothing was seen of it, or it is gone.</returns>
    public async Task<(bool IsMet, RolloutObject? Last)> UntilAsync(ObjectKey key, Predicate<RolloutObject?> condition, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout ?? Timeout.InfiniteTimeSpan, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        RolloutObject? last = null;
        try
        {
            await foreach (var rollout in FollowAsync(key, end.Token))
            {
                last = rollout;
                if (condition(rollout))
                    return (true, rollout);
            }
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Told by what is returned.
        }

        return (false, last);
    }
}
