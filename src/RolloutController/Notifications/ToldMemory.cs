namespace RolloutController.Notifications;

/// <summary>Remembers for a while what was told, so that it is told once. Bounded: what was told first is forgotten first.</summary>
/// <param name="clock">The clock.</param>
internal sealed class ToldMemory(TimeProvider clock)
{
    /// <summary>How many are remembered at the most.</summary>
    public const int Capacity = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _known = [];
    private readonly Queue<(string Id, DateTimeOffset At)> _order = [];

    /// <summary>Takes note of something that is told.</summary>
    /// <returns>Whether it was not told lately.</returns>
    public bool Add(string id)
    {
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            while (_order.TryPeek(out var oldest) && (_order.Count >= Capacity || now - oldest.At >= Window))
                _known.Remove(_order.Dequeue().Id);
            if (!_known.Add(id))
                return false;
            _order.Enqueue((id, now));
            return true;
        }
    }
}
