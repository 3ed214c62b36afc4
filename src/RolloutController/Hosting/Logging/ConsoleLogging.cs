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
        // What the framework tells of every request and start is of use only to who debugs.
        var ofFramework = level <= LogEventLevel.Debug ? level : (LogEventLevel)Math.Max((int)level, (int)LogEventLevel.Warning);
        ITextFormatter formatter = options.LogFormat == LogFormat.Json ? new JsonLogFormatter() : new TextLogFormatter();
        var logger = new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", ofFramework)
            .MinimumLevel.Override("System", ofFramework)
            .WriteTo.Console(formatter)
            .CreateLogger();
        logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddSerilog(logger, dispose: true);
    }

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
