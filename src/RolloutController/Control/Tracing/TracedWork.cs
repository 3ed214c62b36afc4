using System.Diagnostics;

namespace RolloutController.Control.Tracing;

/// <summary>A span for one piece of work, which ends when it is disposed.</summary>
/// <param name="span">The span.</param>
/// <param name="clock">The clock.</param>
internal sealed class TracedWork(Activity span, TimeProvider clock) : IDisposable
{
    /// <summary>Adds an attribute.</summary>
    public TracedWork With(string name, object? value)
    {
        span.SetTag(name, value);
        return this;
    }

    /// <summary>Says that it failed.</summary>
    /// <param name="message">Why; nothing secret, and nothing that a server answered.</param>
    public void Fail(string message) => span.SetStatus(ActivityStatusCode.Error, message);

    /// <inheritdoc/>
    public void Dispose()
    {
        span.SetEndTime(clock.GetUtcNow().UtcDateTime);
        span.Dispose();
    }
}
