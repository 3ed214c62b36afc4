using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Transport;

[TestFixture]
public sealed class WatchReaderTests
{
    private static string Event(string type, string name, string version, string rest = "") =>
        $$$"""{"type":"{{{type}}}","object":{"kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"shop","resourceVersion":"{{{version}}}"}{{{rest}}}}}""";

    private static IAsyncEnumerable<WatchEvent<Pod>> Read(Stream stream) =>
        new WatchReader<Pod>(KubernetesKinds.Pod, NullLogger.Instance).ReadAsync(stream, CancellationToken.None);

    private static async Task<List<string>> ReadAsync(string text, int chunk = int.MaxValue)
    {
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, Encoding.UTF8.GetBytes(text), chunk);
        var events = new List<string>();
        await foreach (var item in Read(pipe.Reader.AsStream()))
            events.Add($"{item.Type} {item.Key} {item.ResourceVersion}{(item.Object is null ? "" : $" {item.Object.Metadata.Name}")}");
        await writing;
        return events;
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] bytes, int chunk)
    {
        for (var start = 0; start < bytes.Length; start += chunk)
            await writer.WriteAsync(bytes.AsMemory(start, Math.Min(chunk, bytes.Length - start)));
        await writer.CompleteAsync();
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100_000)]
    public async Task Events_are_read_however_the_stream_is_cut(int chunk)
    {
        var text = $"{Event("ADDED", "a", "1")}\n{Event("MODIFIED", "a", "2")}\r\n\n{Event("DELETED", "ü", "3")}\n"
            + """{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"4","creationTimestamp":null}}}""" + "\n";
        Assert.That(await ReadAsync(text, chunk), Is.EqualTo(new[]
        {
            "Added shop/a 1 a", "Modified shop/a 2 a", "Deleted shop/ü 3 ü", "Bookmark / 4",
        }));
    }

    [Test]
    public async Task A_poisoned_object_hides_no_other()
    {
        var text = $"{Event("ADDED", "a", "1")}\n{Event("MODIFIED", "bad", "2", ""","status":{"conditions":7}""")}\n"
            + $"{Event("MODIFIED", "torn", "3", ""","status":{]""")}\n{Event("ADDED", "b", "4")}\n";
        Assert.That(await ReadAsync(text), Is.EqualTo(new[] { "Added shop/a 1 a", "Unreadable shop/bad 2", "Unreadable shop/torn 3", "Added shop/b 4 b" }));
    }

    [Test]
    public async Task An_event_that_is_too_long_is_named_and_passed_over()
    {
        var filler = $$""","spec":{"nodeName":"{{new string('x', WatchReader<Pod>.Cap)}}"}""";
        var text = $"{Event("MODIFIED", "long", "1", filler)}\n{Event("ADDED", "b", "2")}\n";
        Assert.That(await ReadAsync(text, 1 << 20), Is.EqualTo(new[] { "Unreadable shop/long 1", "Added shop/b 2 b" }));
    }

    [Test]
    public async Task What_was_cut_off_at_the_end_is_left_to_the_next_watch() =>
        Assert.That(await ReadAsync($"{Event("ADDED", "a", "1")}\n{Event("ADDED", "b", "2")[..^9]}"), Is.EqualTo(new[] { "Added shop/a 1 a" }));

    [Test]
    public void An_error_event_is_thrown()
    {
        var text = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (9)","reason":"Expired","code":410}}""" + "\n";
        var error = Assert.ThrowsAsync<KubernetesApiException>(() => ReadAsync(text));
        Assert.That(error!.IsGone, Is.True);
        Assert.That(error.StatusCode, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That(error.Message, Does.Contain("too old resource version"));
    }

    [TestCase("<html>\n")]
    [TestCase("{\"type\":\"ADDED\"}\n")]
    [TestCase("{\"type\":\"ADDED\",\"object\":null}\n")]
    public void A_line_that_names_no_object_ends_the_watch(string text) =>
        Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(text));

    [Test]
    public async Task An_event_is_given_as_soon_as_its_line_is_there()
    {
        var pipe = new Pipe();
        await using var events = Read(pipe.Reader.AsStream()).GetAsyncEnumerator();
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes($"{Event("ADDED", "a", "1")}\n{{\"type\":"));
        Assert.That(await events.MoveNextAsync(), Is.True);
        Assert.That(events.Current.ResourceVersion, Is.EqualTo("1"));
        await pipe.Writer.CompleteAsync();
        Assert.That(await events.MoveNextAsync(), Is.False);
    }
}
