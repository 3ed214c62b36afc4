using System.Text;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Faults;

/// <summary>Carries the lines of a watch from the API to a process, which may be late, lost, or the last.</summary>
internal sealed class WatchPump(FaultBed bed, ControllerInstance process, ApiCall call, Stream from, CancellationToken cutOff)
{
    private static readonly byte[] Gone = Encoding.UTF8.GetBytes(
        """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old resource version"}}""" + "\n");

    private readonly IReadOnlyList<Fault.View> _faults = bed.ViewFaults(call);
    private int _events;

    /// <summary>What the process reads.</summary>
    public WatchStream Body { get; } = new();

    /// <summary>Carries until either side is done.</summary>
    public void Begin()
    {
        Body.Closed += from.Dispose;
        _ = PumpAsync();
    }

    private async Task PumpAsync()
    {
        var buffer = new byte[64 * 1024];
        var begun = new List<byte>();
        try
        {
            while (await from.ReadAsync(buffer, cutOff) is > 0 and var read)
            {
                var rest = buffer.AsMemory(0, read);
                while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
                {
                    begun.AddRange(rest.Span[..(end + 1)]);
                    rest = rest[(end + 1)..];
                    var line = begun.ToArray();
                    begun.Clear();
                    if (!await PassAsync(line))
                        return;
                }
                begun.AddRange(rest.Span);
            }
        }
        catch (OperationCanceledException)
        {
            // The process is no more.
        }
        Body.End();
    }

    /// <summary>Hands over a line; false where the watch ends with it.</summary>
    private async Task<bool> PassAsync(byte[] line)
    {
        if (process.Lag is { } lag && bed.Now < lag.Until)
            await Task.Delay(lag.Until - bed.Now, bed.Time, cutOff);
        while (process.FrozenCaches.TryGetValue(call.Plural, out var until) && bed.Now < until)
            await Task.Delay(until - bed.Now, bed.Time, cutOff);
        var isBookmark = line.AsSpan().StartsWith("{\"type\":\"BOOKMARK\""u8);
        var fault = isBookmark ? null : _faults.FirstOrDefault(fault => fault.Event == _events + 1)?.What;
        if (!isBookmark)
            bed.Saw(new ViewedEvent(call, ++_events, bed.Elapsed), line);
        switch (fault)
        {
            case ViewFault.Drop:
                return true;
            case ViewFault.Delay:
                await Task.Delay(FaultBed.ViewDelay, bed.Time, cutOff);
                break;
            case ViewFault.Silence:
                from.Dispose();
                return false;
            case ViewFault.Cut:
                from.Dispose();
                Body.End();
                return false;
            case ViewFault.Gone:
                from.Dispose();
                Body.Write(Gone);
                Body.End();
                return false;
            case ViewFault.Garbage:
                line = "<html>502 Bad Gateway</html>\n"u8.ToArray();
                break;
        }
        await process.RunningAsync(cutOff);
        Body.Write(line);
        return true;
    }
}
