namespace RolloutController.Tests.Faults;

/// <summary>Names the row of the catalogue of faults (<c>faults.md</c>, 4.4) that a test shows to be survived.</summary>
/// <param name="row">The number of the row, 1 to 50.</param>
/// <param name="words">The row in short words.</param>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
internal sealed class FaultRowAttribute(int row, string words) : Attribute
{
    /// <summary>The number of the row.</summary>
    public int Row { get; } = row;

    /// <summary>The row in short words.</summary>
    public string Words { get; } = words;
}
