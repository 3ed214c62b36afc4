using System.Net;
using System.Text.Json;
using NUnit.Framework;
using RolloutController.Control;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Planning.Simulation;

namespace RolloutController.Tests.Fuzzing.Specs;

/// <summary>What the API says to Rollouts that are written in every way but the usual, and that the controller can read what was taken.</summary>
internal sealed class SchemaFuzzTests
{
    private readonly EmbeddedApi _api = new();

    [OneTimeTearDown]
    public void Close() => _api.Dispose();

    [Test]
    public void Every_value_of_every_field_is_taken_and_can_be_read_or_is_refused_with_its_field()
    {
        var taken = FuzzedRollout.Singles.Concat(FuzzedRollout.Metadata).Select(IsTaken).ToList();

        Assert.That(taken.Count(one => one), Is.GreaterThan(700), "taken");
        Assert.That(taken.Count(one => !one), Is.GreaterThan(1500), "refused");
    }

    [Test]
    public void Every_mix_of_values_is_taken_and_can_be_read_or_is_refused_with_its_field() =>
        Fuzz.Check(FuzzedRollout.Arbitrary, 1000, rollout => IsTaken(rollout));

    [Test]
    public void Every_field_of_the_spec_is_fuzzed() =>
        Assert.That(
            CrdSchema.Fields.Select(field => field.Path).Where(path => path.StartsWith("spec", StringComparison.Ordinal)).Except(FuzzedRollout.Singles.Select(rollout => rollout.Changes[0].Path)),
            Is.Empty);

    private bool IsTaken(FuzzedRollout rollout)
    {
        var reply = _api.TryCreate(rollout.Json());
        switch (reply.Status)
        {
            case HttpStatusCode.Created:
                Read(rollout, reply);
                return true;
            case HttpStatusCode.UnprocessableEntity:
                LawBrokenException.Unless(reply.Causes.Any() && reply.Causes.All(cause => cause is { Field.Length: > 0, Message.Length: > 0 }), "a refusal names its field", $"{rollout}: {reply.Body}");
                break;
            case HttpStatusCode.BadRequest:
                break;
            default:
                throw new LawBrokenException("a Rollout is taken or refused", $"{rollout}: {reply}");
        }

        return false;
    }

    private static void Read(FuzzedRollout rollout, ApiReply reply)
    {
        try
        {
            JsonSerializer.Deserialize(reply.Body.ToJsonString(), RolloutObject.Kind.TypeInfo);
        }
        catch (JsonException unreadable)
        {
            throw new LawBrokenException("the controller reads what the API took", $"{rollout}: {unreadable.Message}");
        }
    }
}
