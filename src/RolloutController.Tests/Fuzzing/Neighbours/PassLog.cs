using Microsoft.Extensions.Logging;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Fuzzing.Neighbours;

/// <summary>Follows the passes of a controller by what it logs: how many there are at one moment, and which ended as none should.</summary>
internal sealed class PassLog(TimeProvider clock) : ILoggerFactory, ILogger
{
    private const int MostAtOnce = 500;

    private readonly Dictionary<string, int> _atOnce = [];
    private DateTimeOffset _moment;

    /// <summary>What failed though nothing outside did.</summary>
    public List<string> Failures { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        if (state is not IReadOnlyDictionary<string, object> { Count: > 0 } scope || !scope.TryGetValue("Rollout", out var rollout))
            return null;
        if (clock.GetUtcNow() != _moment)
        {
            _moment = clock.GetUtcNow();
            _atOnce.Clear();
        }

        // Thrown here it ends the controller, which otherwise would never let time go on.
        var passes = _atOnce[(string)rollout] = _atOnce.GetValueOrDefault((string)rollout) + 1;
        LawBrokenException.Unless(passes <= MostAtOnce, "passes come to rest", $"{rollout} had {passes} at one moment");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Conflicts are no errors; what the API forbids or does not find is the world's.
        var isExpected = exception is KubernetesApiException { IsInvalid: false } or EffectRefusedException;
        // What cannot be read is told as an error, and left out.
        if (logLevel >= LogLevel.Error && !isExpected && !IsUnreadable(state))
            Failures.Add($"{formatter(state, exception)}: {exception}");
    }

    private static bool IsUnreadable<TState>(TState state) => state is IReadOnlyList<KeyValuePair<string, object?>> parts
        && parts[^1] is { Key: "{OriginalFormat}", Value: string format } && format.Contains("cannot be read", StringComparison.Ordinal);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
