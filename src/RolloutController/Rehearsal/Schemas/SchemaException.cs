namespace RolloutController.Rehearsal.Schemas;

/// <summary>A schema cannot be read, or asks for what this implementation does not do.</summary>
/// <param name="path">Where in the schema.</param>
/// <param name="problem">What is wrong there.</param>
/// <param name="cause">The error behind it.</param>
internal sealed class SchemaException(string path, string problem, Exception? cause = null) : Exception($"{path}: {problem}", cause)
{
    /// <summary>Where in the schema.</summary>
    public string Path { get; } = path;
}
