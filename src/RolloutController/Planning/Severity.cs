namespace RolloutController.Planning;

/// <summary>How much something matters to people; the most severe first.</summary>
public enum Severity
{
    /// <summary>Production is harmed, and the controller cannot help by itself.</summary>
    P0,

    /// <summary>A version was rolled back.</summary>
    P1,

    /// <summary>It does not go on without a person.</summary>
    P2,

    /// <summary>For information.</summary>
    P3,
}
