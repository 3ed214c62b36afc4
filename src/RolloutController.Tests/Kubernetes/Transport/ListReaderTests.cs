using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Transport;

[TestFixture]
public sealed class ListReaderTests
{
    private const string List = """
        {"kind":"PodList","apiVersion":"v1","extra":{"items":[1,{"metadata":2}]},"metadata":{"resourceVersion":"9","continue":"next"},
         "items":[{"metadata":{"name":"a","labels":{"app":"x"}}},{"metadata":{"name":"bad"},"status":{"conditions":7}},{"metadata":{"name":"b"}}],"after":[[]]}
        """;

    private static async Task<(ListMetadata Metadata, List<Pod> Pods)> ReadAsync(string text, int chunk)
    {
        var pipe = new Pipe();
        var bytes = Encoding.UTF8.GetBytes(text);
        var writing = Task.Run(async () =>
        {
            foreach (var part in bytes.Chunk(chunk))
                await pipe.Writer.WriteAsync(part);
            await pipe.Writer.CompleteAsync();
        });
        var pods = new List<Pod>();
        var metadata = await new ListReader<Pod>("pods", KubernetesKinds.Pod.TypeInfo, pods, NullLogger.Instance).ReadAsync(pipe.Reader.AsStream(), default);
        await writing;
        return (metadata, pods);
    }

    [TestCase(1)]
    [TestCase(13)]
    [TestCase(100_000)]
    public async Task A_page_is_read_however_it_is_cut_and_without_the_object_that_cannot_be_read(int chunk)
    {
        var (metadata, pods) = await ReadAsync(List, chunk);
        Assert.That(pods.Select(pod => pod.Metadata.Name), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(pods[0].Metadata.Labels["app"], Is.EqualTo("x"));
        Assert.That(metadata, Is.EqualTo(new ListMetadata { ResourceVersion = "9", Continue = "next" }));
    }

    [TestCase("""{"metadata":{"name":"bad","namespace":"shop","uid":"7"},"status":{"conditions":7}}""", "shop/bad 7")]
    [TestCase("""{"metadata":{"name":"bad","uid":7},"status":{"conditions":7}}""", "/bad ")]
    [TestCase("""{"metadata":{"name":7},"status":{"conditions":7}}""", "")]
    [TestCase("""{"metadata":[],"status":{"conditions":7}}""", "")]
    [TestCase("7", "")]
    public async Task What_cannot_be_read_is_named_as_far_as_it_can(string item, string named)
    {
        var reader = new ListReader<Pod>("pods", KubernetesKinds.Pod.TypeInfo, [], NullLogger.Instance);
        await reader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes($$"""{"metadata":{"resourceVersion":"3"},"items":[{{item}},{"metadata":{"name":"b"} }]}""")), default);
        Assert.That(string.Join(", ", reader.Unreadable.Select(bad => $"{bad.Key.Namespace}/{bad.Key.Name} {bad.Uid}")), Is.EqualTo(named));
    }

    [Test]
    public async Task No_items_may_be_null()
    {
        var (metadata, pods) = await ReadAsync("""{"metadata":{"resourceVersion":"3"},"items":null}""", 5);
        Assert.That(pods, Is.Empty);
        Assert.That(metadata.ResourceVersion, Is.EqualTo("3"));
    }

    [Test]
    public void An_object_that_is_longer_than_any_can_be_is_not_kept_in_memory() => Assert.That(
        () => ReadAsync($$$"""{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"{{{new string('x', 2 * ObjectStream.Cap)}}}"}}]}""", 1 << 20),
        Throws.TypeOf<JsonException>().With.Message.EqualTo("Not read: an object in the list of pods is longer than 8 MiB, which no object is."));

    [Test]
    public void A_page_that_breaks_off_is_no_page() =>
        Assert.ThrowsAsync<IOException>(() => ReadAsync(List[..200], 50));
}
