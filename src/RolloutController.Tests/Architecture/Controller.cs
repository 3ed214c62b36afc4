namespace RolloutController.Tests.Architecture;

/// <summary>The compiled controller.</summary>
internal static class Controller
{
    /// <summary>The namespace around its rooms.</summary>
    public const string Namespace = "RolloutController";

    /// <summary>What its types use.</summary>
    public static IReadOnlyList<Use> Uses { get; } = AssemblyUses.Of(typeof(RolloutController.Api.RolloutSpec).Assembly);
}
