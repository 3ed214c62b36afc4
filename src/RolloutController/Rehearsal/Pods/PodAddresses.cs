namespace RolloutController.Rehearsal.Pods;

/// <summary>Gives pods addresses out of 10.244.0.0/16. One comes back as late as possible, so that it is not mistaken.</summary>
internal sealed class PodAddresses
{
    // Hosts .1 to .254 of 10.244.1.0/24 to 10.244.254.0/24; 10.244.0.0/24 is the node's.
    private const int Hosts = 254;
    private const int Count = Hosts * Hosts;

    /// <summary>The node's own address.</summary>
    public const string Node = "10.244.0.1";

    private readonly HashSet<string> _taken = [];
    private int _next;

    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public string Take()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var number = _next++ % Count;
            var address = $"10.244.{1 + (number / Hosts)}.{1 + (number % Hosts)}";
            if (_taken.Add(address))
                return address;
        }

        throw new InvalidOperationException($"All {Count} addresses of simulated pods are taken: rehearse with fewer pods.");
    }

    public void GiveBack(string address) => _taken.Remove(address);
}
