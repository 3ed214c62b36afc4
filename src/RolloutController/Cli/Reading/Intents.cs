using RolloutController.Control.Intents;

namespace RolloutController.Cli.Reading;

/// <summary>What people want, as commands.</summary>
internal static class Intents
{
    /// <summary>The command for an intent, with <c>{}</c> where the Rollout's name goes.</summary>
    public static string Command(IntentVerb verb) => verb switch
    {
        IntentVerb.PromoteFull => "promote {} --full",
        _ => $"{verb.ToString().ToLowerInvariant()} {{}}",
    };
}
