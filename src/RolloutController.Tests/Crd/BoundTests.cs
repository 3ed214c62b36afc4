using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Crd;

/// <summary>Every bound on a real API server: the value at it is taken, the one beyond it is refused.</summary>
internal sealed class BoundTests
{
    private ApiServer _server = null!;
    private string _stored = null!;

    [OneTimeSetUp]
    public async Task ConnectAsync()
    {
        _server = await ApiServer.ConnectAsync(CancellationToken.None);
        _stored = await _server.CreateAsync(Samples.Named("routed"), CancellationToken.None);
    }

    [OneTimeTearDown]
    public async Task DisconnectAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Every_bound_is_kept(CancellationToken cancellation)
    {
        var bounds = from field in CrdSchema.Fields
                     let sample = Samples.Writing(field.Path)
                         ?? throw new AssertionException($"No sample of samples.yaml writes {field.Path}.")
                     from bound in Bound.Of(field, FieldPath.Find(sample, field.Path)!)
                     select (sample, bound);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (sample, bound) in bounds)
                await TryAsync(sample, bound, cancellation);
        }
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task A_Rollout_has_a_spec(CancellationToken cancellation)
    {
        var rollout = Samples.Named("routed").AsObject();
        rollout.Remove("spec");
        var reply = await _server.TryCreateAsync(rollout, cancellation);
        Assert.That(reply.Causes, Has.One.EqualTo(new ApiCause("spec", "Required value")));
    }

    private async Task TryAsync(JsonNode sample, Bound bound, CancellationToken cancellation)
    {
        var path = FieldPath.InError(sample, bound.Path);
        // A value at its bound may break another rule (a weight of 100 in the first step), never this bound.
        var kept = await TryAsync(sample, bound.Target, bound.Kept, cancellation);
        Assert.That(kept.IsSuccess || kept.Causes.Any(), $"{path} at its bound: {kept}");
        Assert.That(kept.Causes.Where(IsMeant), Is.Empty, $"{path} at its bound: {kept}");
        var broken = await TryAsync(sample, bound.Target, bound.Broken, cancellation);
        Assert.That(broken.Causes.Where(IsMeant), Is.Not.Empty, $"{path} beyond its bound ({bound.Message}): {broken}");

        bool IsMeant(ApiCause cause) =>
            (cause.Field == path || cause.Field == $"{path}[1]")
            && cause.Message.Contains(bound.Message, StringComparison.Ordinal);
    }

    private Task<ApiReply> TryAsync(JsonNode sample, string path, JsonNode value, CancellationToken cancellation)
    {
        var changed = sample.DeepClone();
        FieldPath.Set(changed, path, value.DeepClone());
        if (path.StartsWith("spec", StringComparison.Ordinal))
            return _server.TryCreateAsync(changed, cancellation);
        var status = new JsonObject { ["status"] = changed["status"]!.DeepClone() };
        return _server.TryPatchAsync($"{_stored}/status", status, cancellation);
    }
}
