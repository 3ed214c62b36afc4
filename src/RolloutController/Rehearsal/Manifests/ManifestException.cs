namespace RolloutController.Rehearsal.Manifests;

/// <summary>A manifest cannot be used; the message names file, document and field, and says what to do.</summary>
/// <param name="where">The file, and the document in it.</param>
/// <param name="field">The field; empty for the whole.</param>
/// <param name="what">What is wrong.</param>
public sealed class ManifestException(string where, string field, string what) : Exception(field.Length == 0 ? $"{where}: {what}" : $"{where}: {field}: {what}");
