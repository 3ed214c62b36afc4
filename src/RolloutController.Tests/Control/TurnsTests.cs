using NUnit.Framework;
using RolloutController.Control;

namespace RolloutController.Tests.Control;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class TurnsTests
{
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly Turns _turns;

    public TurnsTests() => _turns = new Turns(2, TimeSpan.FromSeconds(30), _clock);

    [Test]
    public async Task Only_so_many_ask_the_same_one_at_a_time_and_who_waited_first_is_next()
    {
        var one = await TakeAsync("slow");
        _ = await TakeAsync("slow");
        var (third, fourth) = (TakeAsync("slow"), TakeAsync("slow"));
        Assert.That(third.IsCompleted || fourth.IsCompleted, Is.False);
        Assert.That(await TakeAsync("another"), Is.Not.Null, "others have turns of their own");
        one!.Dispose();
        one.Dispose();
        Assert.That(await third, Is.Not.Null);
        Assert.That(fourth.IsCompleted, Is.False, "a turn ends once");
    }

    [Test]
    public async Task A_turn_that_does_not_come_is_waited_for_only_so_long_and_no_place_is_lost_by_it()
    {
        var one = await TakeAsync("slow");
        _ = await TakeAsync("slow");
        var late = TakeAsync("slow");
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That(late.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await late, Is.Null);
        one!.Dispose();
        Assert.That(await TakeAsync("slow"), Is.Not.Null);
    }

    [Test]
    public async Task Who_gives_up_waits_no_longer_and_takes_no_place()
    {
        var one = await TakeAsync("slow");
        _ = await TakeAsync("slow");
        using var stop = new CancellationTokenSource();
        var given = _turns.TakeAsync("slow", stop.Token).AsTask();
        await stop.CancelAsync();
        Assert.That(async () => await given, Throws.InstanceOf<OperationCanceledException>());
        one!.Dispose();
        Assert.That(await TakeAsync("slow"), Is.Not.Null);
    }

    private Task<IDisposable?> TakeAsync(string whom) => _turns.TakeAsync(whom, CancellationToken.None).AsTask();
}
