using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RolloutController.Tests.Secrecy;

/// <summary>Logs nothing, and keeps those lines that hold a secret.</summary>
internal sealed class WatchfulLoggerFactory : ILoggerFactory, ILogger
{
    /// <summary>The lines.</summary>
    public ConcurrentQueue<string> Leaks { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{formatter(state, exception)} {exception}";
        if (Canary.In(line).Count > 0)
            Leaks.Enqueue(line);
    }

    public void Dispose()
    {
    }
}
