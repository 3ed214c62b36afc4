using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using RolloutController.Hosting.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace RolloutController.Tests.Hosting.Logging;

public class LogFormatterTests
{
    [Test]
    public void Text_is_one_line_with_the_scope_behind_it()
    {
        var line = Write(new TextLogFormatter(), logger =>
        {
            using var scope = logger.BeginScope(new Dictionary<string, object> { ["Rollout"] = "shop/web", ["Revision"] = "7f9c", ["ReconcileId"] = 42L });
            logger.LogWarning("Weight {Weight} of {Name} waits", 25, "web");
        });

        Assert.That(line, Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WRN Test: Weight 25 of web waits ReconcileId=42 Revision=7f9c Rollout=shop/web\n$"));
    }

    [Test]
    public void Json_carries_every_property_under_its_name()
    {
        var line = Write(new JsonLogFormatter(), logger =>
        {
            using var scope = logger.BeginScope(new Dictionary<string, object> { ["Rollout"] = "shop/web", ["Revision"] = "7f9c", ["ReconcileId"] = 42L, ["message"] = "own" });
            logger.LogError(new InvalidOperationException("no\ncluster"), "Weight {Weight}, ready {Ready}", 25.5, true);
        });

        Assert.That(line, Does.EndWith("}\n").And.Not.Contain("\n{"));
        var json = JsonNode.Parse(line)!;
        Assert.That((string?)json["level"], Is.EqualTo("error"));
        Assert.That((string?)json["logger"], Is.EqualTo("Test"));
        Assert.That((string?)json["message"], Is.EqualTo("Weight 25.5, ready True"));
        Assert.That((string?)json["Rollout"], Is.EqualTo("shop/web"));
        Assert.That((string?)json["Revision"], Is.EqualTo("7f9c"));
        Assert.That((long)json["ReconcileId"]!, Is.EqualTo(42));
        Assert.That((double)json["Weight"]!, Is.EqualTo(25.5));
        Assert.That((bool)json["Ready"]!, Is.True);
        Assert.That((string?)json["_message"], Is.EqualTo("own"));
        Assert.That((string?)json["exception"], Does.StartWith("System.InvalidOperationException: no\ncluster"));
    }

    [Test]
    public void A_value_cannot_forge_a_line_nor_steer_a_terminal([Values] bool asJson)
    {
        ITextFormatter formatter = asJson ? new JsonLogFormatter() : new TextLogFormatter();
        const string hostile = "web\r\n2026-01-01T00:00:00Z INF fake\u001b[31m\u001b]0;title\u0007\u202e\u0085end";

        var inValue = Write(formatter, logger => logger.LogInformation("Rollout {Rollout}", hostile));
#pragma warning disable CA2254 // What a careless caller does is the point.
        var inTemplate = Write(formatter, logger => logger.LogInformation("Rollout " + hostile));
#pragma warning restore CA2254

        foreach (var line in new[] { inValue, inTemplate })
        {
            Assert.That(line.TrimEnd('\n').Any(letter => char.IsControl(letter) || letter == '\u202e'), Is.False);
            Assert.That(line, Does.Contain("web  2026-01-01T00:00:00Z INF fake"));
            Assert.That(line, Does.Not.Contain("[31m").And.Not.Contain("title"));
        }
    }

    [Test]
    public void A_stack_trace_is_indented()
    {
        var text = Write(new TextLogFormatter(), logger => logger.LogError(new InvalidOperationException("one\n2026-01-01T00:00:00Z INF fake"), "It failed"));

        var lines = text.TrimEnd('\n').Split('\n');
        Assert.That(lines[0], Does.EndWith("ERR Test: It failed"));
        Assert.That(lines[1..], Has.Length.EqualTo(2).And.All.StartsWith("    "));
    }

    [Test]
    public void A_long_value_is_cut_between_characters()
    {
        Assert.That(LogText.Clean(new string('a', 5000)), Has.Length.EqualTo(LogText.MaxValue + 1).And.EndsWith("a…"));
        Assert.That(LogText.Clean(new string('a', LogText.MaxValue - 1) + "😀"), Is.EqualTo(new string('a', LogText.MaxValue - 1) + "…"));
        Assert.That(LogText.Clean("short"), Is.EqualTo("short"));
    }

    private static string Write(ITextFormatter formatter, Action<Microsoft.Extensions.Logging.ILogger> log)
    {
        var sink = new FormattingSink(formatter);
        using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        using (var factory = LoggerFactory.Create(logging => logging.AddSerilog(logger)))
            log(factory.CreateLogger("Test"));
        return sink.Output.ToString();
    }

    private sealed class FormattingSink(ITextFormatter formatter) : ILogEventSink
    {
        public StringWriter Output { get; } = new();

        public void Emit(LogEvent logEvent) => formatter.Format(logEvent, Output);
    }
}
