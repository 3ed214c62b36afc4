namespace RolloutController.Tests.Planning.Simulation;

/// <summary>A law that has to hold at every moment did not.</summary>
internal sealed class LawBrokenException(string law, string what) : Exception($"{law}: {what}")
{
    public static void Unless(bool holds, string law, string what)
    {
        if (!holds)
            throw new LawBrokenException(law, what);
    }
}
