namespace RolloutController.Traffic;

/// <summary>The Services whose traffic is split, in the namespace that they share with the route.</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Stable">The user's Service, that routes name at rest.</param>
/// <param name="Canary">The controller's own Service.</param>
internal sealed record ServicePair(string Namespace, string Stable, string Canary);

/// <summary>What one place in a rule's <c>backendRefs</c> is to the Service.</summary>
internal abstract record RuleEntry
{
    private RuleEntry()
    {
    }

    /// <summary>Another backend; it is never touched.</summary>
    /// <param name="Ref">The entry.</param>
    public sealed record Other(BackendRef Ref) : RuleEntry;

    /// <summary>The Service's entry together with its sibling.</summary>
    /// <param name="Ref">The entry that both are written after.</param>
    /// <param name="StableWeight">The weight of the Service's own entry; 0 where only the sibling is left.</param>
    /// <param name="CanaryWeight">The weight of the sibling; null where there is none.</param>
    public sealed record Split(BackendRef Ref, int StableWeight, int? CanaryWeight) : RuleEntry
    {
        public int Sum => StableWeight + (CanaryWeight ?? 0);
    }

    /// <summary>
    /// Tells what each entry is. Siblings are found by name and port, wherever an edit has moved them: they belong to the closest
    /// entry of the Service before them with that port, or else to the first behind them; one without any stands for the lost entry.
    /// </summary>
    public static IEnumerable<RuleEntry> Read(IReadOnlyList<BackendRef> refs, ServicePair services)
    {
        bool IsStable(int at) => refs[at].Names(services.Stable, services.Namespace);
        bool IsCanary(int at) => refs[at].Names(services.Canary, services.Namespace);

        int OwnerOf(int canary)
        {
            var stable = Enumerable.Range(0, refs.Count).Where(at => IsStable(at) && refs[at].Port == refs[canary].Port);
            return stable.LastOrDefault(at => at < canary, stable.FirstOrDefault(canary));
        }

        var siblings = Enumerable.Range(0, refs.Count).Where(IsCanary).ToLookup(OwnerOf, canary => refs[canary].Weight);
        for (var at = 0; at < refs.Count; at++)
        {
            if (IsStable(at) || siblings.Contains(at))
                yield return new Split(refs[at], IsStable(at) ? refs[at].Weight : 0, siblings.Contains(at) ? siblings[at].Sum() : null);
            else if (!IsCanary(at))
                yield return new Other(refs[at]);
        }
    }
}
