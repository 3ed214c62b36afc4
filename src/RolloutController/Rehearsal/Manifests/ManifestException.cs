namespace RolloutController.Rehearsal.Manifests;

/// <summary>A manifest cannot be used; the message names file, document and field, and says what to do, one line for each problem.</summary>
/// <param name="where">The file, and the document in it.</param>
/// <param name="problems">What is wrong, each with its field.</param>
public sealed class ManifestException(string where, IReadOnlyList<string> problems) : Exception(string.Join('\n', problems.Select(problem => $"{where}: {problem}")))
{
    /// <summary>One problem.</summary>
    /// <param name="where">The file, and the document in it.</param>
    /// <param name="field">The field; empty for the whole.</param>
    /// <param name="what">What is wrong.</param>
    public ManifestException(string where, string field, string what)
        : this(where, [field.Length == 0 ? what : $"{field}: {what}"])
    {
    }

    /// <summary>The file, and the document in it.</summary>
    public string Where { get; } = where;

    /// <summary>What is wrong, each with its field.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
