using Polly;

namespace RolloutController.Endpoints;

/// <summary>Runs calls through pipelines so that what goes on goes on where it began: under virtual time there is no other thread.</summary>
internal static class InPlace
{
    /// <summary>Runs a call through a pipeline.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="call">The call.</param>
    /// <param name="state">What it needs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<T> ExecuteInPlaceAsync<T, TState>(
        this ResiliencePipeline<T> pipeline, Func<TState, CancellationToken, ValueTask<T>> call, TState state, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            return await pipeline.ExecuteAsync(static (context, run) => run.Call(run.State, context.CancellationToken), context, (Call: call, State: state));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
