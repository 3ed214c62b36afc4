using NUnit.Framework;

namespace RolloutController.Tests.Architecture;

/// <summary>Who may call whom. The table of rooms in the design says the same.</summary>
internal sealed class RoomTests
{
    // The compiler's iterators ask it whether to make a new enumerator.
    private static readonly string[] Harmless = ["System.Environment", "System.Environment.get_CurrentManagedThreadId()"];

    private static readonly string[] Impure =
    [
        "System.Console", "System.DateTime.get_Now", "System.DateTime.get_Today", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_Now",
        "System.DateTimeOffset.get_UtcNow", "System.Diagnostics.Stopwatch", "System.Environment", "System.Guid.NewGuid", "System.IO", "System.Net",
        "System.Random", "System.Security.Cryptography.RandomNumberGenerator", "System.Threading", "System.TimeProvider", "Microsoft", "Serilog",
    ];

    [TestCaseSource(typeof(Room), nameof(Room.All))]
    public void A_room_calls_only_rooms_that_it_may_call(Room room)
    {
        var uses = Controller.Uses.Where(use => Room.Of(use.User) == room).ToList();
        Assert.That(uses, Is.Not.Empty, $"{room} is empty: take it out of {nameof(Room)}.");
        var forbidden = uses.Where(use => Room.Of(use.Used) is { } called && called != room && !room.MayCall.Contains(called));
        Assert.That(forbidden, Is.Empty, $"{room} may call {(room.MayCall is [] ? "no other room" : string.Join<Room>(", ", room.MayCall))}.");
    }

    [TestCaseSource(typeof(Room), nameof(Room.Pure))]
    public void A_room_that_decides_has_no_input_output_clock_chance_or_log(Room room) => Assert.That(
        Controller.Uses.Where(use => Room.Of(use.User) == room && Impure.Any(use.Of) && !Harmless.Contains(use.Used)), Is.Empty,
        $"{room} is given what it needs to know, and returns what is to be done.");

    [Test]
    public void Every_type_has_a_room() => Assert.That(
        Controller.Uses.Select(use => use.User).Distinct().Where(user => Use.IsIn(user, Controller.Namespace) && Room.Of(user) is null), Is.Empty,
        $"Put the type into a room, or a new room with what it may call into {nameof(Room)}.");
}
