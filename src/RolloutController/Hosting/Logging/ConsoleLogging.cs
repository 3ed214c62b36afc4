using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using RolloutController.Hosting.Options;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;

namespace RolloutController.Hosting.Logging;

/// <summary>Sets up logging in code: Serilog's configuration by file looks sinks up by name, which trimming breaks.</summary>
internal static class ConsoleLogging
{
    /// <summary>Sends all logging to the console, in the format and from the level that the options name.</summary>
    public static void Use(ILoggingBuilder logging, ControllerOptions options)
    {
        var level = Level(options.LogLevel);
        // What the framework tells of every connection and request would drown the rest.
        var ofFramework = level == LogEventLevel.Verbose || level > LogEventLevel.Warning ? level : LogEventLevel.Warning;
        ITextFormatter formatter = options.LogFormat == LogFormat.Json ? new JsonLogFormatter() : new TextLogFormatter();
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", ofFramework)
            .MinimumLevel.Override("System", ofFramework)
            .Filter.ByExcluding(IsRefusedAddress)
            .WriteTo.Console(formatter)
            .CreateLogger();
        logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddSerilog(logger, dispose: true);
    }

    // The host writes the stack trace of a port in use; ControllerHost says the same in a sentence.
    private static bool IsRefusedAddress(LogEvent log) =>
        log.Exception is SocketException or IOException { InnerException: AddressInUseException } && LogLine.Source(log).StartsWith("Microsoft.", StringComparison.Ordinal);

    private static LogEventLevel Level(LogLevel level) => level switch
    {
        LogLevel.Trace => LogEventLevel.Verbose,
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Information => LogEventLevel.Information,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Fatal,
    };
}
