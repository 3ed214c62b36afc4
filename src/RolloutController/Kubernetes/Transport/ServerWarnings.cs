using System.Collections.Concurrent;

namespace RolloutController.Kubernetes;

/// <summary>Logs what the API warns of (<c>Warning: 299</c>: deprecated versions, unknown fields), each text once.</summary>
internal sealed class ServerWarnings(ILogger logger)
{
    // Texts that name objects could go on for ever; past this many the rest is left to the API's audit log.
    private const int Cap = 1000;
    private const int MiscellaneousPersistent = 299;
    private readonly ConcurrentDictionary<string, bool> _seen = new();

    public void Note(HttpResponseMessage response)
    {
        foreach (var warning in response.Headers.Warning)
        {
            if (warning.Code == MiscellaneousPersistent && _seen.Count < Cap && _seen.TryAdd(warning.Text, true))
                logger.LogWarning("The Kubernetes API warns: {Warning}", warning.Text);
        }
    }
}
