using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>One version of an object, as it was committed. It never changes: an edit makes another version of a copy.</summary>
/// <param name="Plural">The plural of its kind.</param>
/// <param name="Namespace">Its namespace; empty for kinds that have none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Version">Its resourceVersion.</param>
/// <param name="Json">The object in the version that it is stored in; not to be changed.</param>
public sealed record StoredObject(string Plural, string Namespace, string Name, string Uid, long Version, JsonObject Json);

/// <summary>What a commit did to an object.</summary>
/// <param name="Old">The version before; null when the object is new.</param>
/// <param name="New">The version now; null when the object is gone.</param>
public sealed record ObjectChange(StoredObject? Old, StoredObject? New)
{
    /// <summary>The object as it is, or was at last.</summary>
    public StoredObject Object => New ?? Old!;
}
