using System.Text;
using System.Text.Json;
using NUnit.Framework;
using RolloutController.Analysis.Checks;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis.Checks;

public sealed class HttpExpectationsTests
{
    private const string Ready = """{"ready": true, "status": "ok", "checks": [{"name": "a/b", "ms": 1.5}], "nothing": null}""";

    [TestCase("""{}""", 204, null)]
    [TestCase("""{}""", 302, "answers 302")]
    [TestCase("""{}""", 503, "answers 503")]
    [TestCase("""{"status": [401, 403]}""", 403, null)]
    [TestCase("""{"status": [401, 403]}""", 200, "answers 200")]
    [TestCase("""{"status": ["4xx"]}""", 404, null)]
    [TestCase("""{"status": ["4xx"]}""", 500, "answers 500")]
    [TestCase("""{"expectHeaders": [{"name": "X-Limit"}]}""", 200, null)]
    [TestCase("""{"expectHeaders": [{"name": "X-Limit", "equals": "100"}]}""", 200, null)]
    [TestCase("""{"expectHeaders": [{"name": "X-Limit", "equals": "5"}]}""", 200, "does not answer with the header X-Limit = 5")]
    [TestCase("""{"expectHeaders": [{"name": "X-Other"}]}""", 200, "does not answer with the header X-Other")]
    [TestCase("""{"expectJson": [{"pointer": "/ready", "equals": "true"}]}""", 200, null)]
    [TestCase("""{"expectJson": [{"pointer": "/checks/0/name", "equals": "a/b"}]}""", 200, null)]
    [TestCase("""{"expectJson": [{"pointer": "/checks/0/ms", "equals": "1.5"}]}""", 200, null)]
    [TestCase("""{"expectJson": [{"pointer": "/checks"}]}""", 200, null)]
    [TestCase("""{"expectJson": [{"pointer": "/nothing"}]}""", 200, "does not have /nothing in its JSON")]
    [TestCase("""{"expectJson": [{"pointer": "/status", "equals": "down"}]}""", 200, "does not have /status = down in its JSON")]
    [TestCase("""{"value": "/checks/0/ms"}""", 200, null, 1.5)]
    [TestCase("""{"value": "/status"}""", 200, "has no number at /status in its JSON")]
    [TestCase("""{"value": "/checks/1/ms"}""", 200, "has no number at /checks/1/ms in its JSON")]
    public void An_answer_is_judged(string spec, int status, string? wrong, double? value = null) =>
        Assert.That(Judge(spec, status, Ready), Is.EqualTo((wrong, value)));

    [TestCase("<html>", "does not answer with JSON")]
    [TestCase("", "does not answer with JSON")]
    [TestCase(null, "answers with more than is read (64 KiB)")]
    public void A_body_that_cannot_be_read_is_wrong(string? body, string wrong) =>
        Assert.That(Judge("""{"value": "/a"}""", 200, body).Wrong, Is.EqualTo(wrong));

    [TestCase("/m~1n", 8)]
    [TestCase("/a~0b", 9)]
    [TestCase("/", 7)]
    [TestCase("/list/1", 2)]
    [TestCase("/list/-1", null)]
    [TestCase("/list/01x", null)]
    [TestCase("/list/2", null)]
    public void A_pointer_finds_its_place(string pointer, int? found)
    {
        using var document = JsonDocument.Parse("""{"": 7, "m/n": 8, "a~b": 9, "list": [1, 2]}""");
        Assert.That(JsonPointer.Find(document.RootElement, pointer)?.GetInt32(), Is.EqualTo(found));
    }

    private static (string? Wrong, double? Value) Judge(string spec, int status, string? body) => HttpExpectations.Judge(
        JsonSerializer.Deserialize($$"""{"http": {{spec}}}""", ApiJson.Default.CheckSpec)!.Http!,
        new HttpAnswer(status, name => name == "X-Limit" ? "100" : null, body is null ? null : (ReadOnlyMemory<byte>?)Encoding.UTF8.GetBytes(body)));
}
