namespace RolloutController.Rehearsal.Cluster;

/// <summary>Where an object is within its kind; sorted by namespace, then name, as lists are.</summary>
internal readonly record struct ResourceName(string Namespace, string Name) : IComparable<ResourceName>
{
    public int CompareTo(ResourceName other) =>
        string.CompareOrdinal(Namespace, other.Namespace) is var byNamespace and not 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
}
