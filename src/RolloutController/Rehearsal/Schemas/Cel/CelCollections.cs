namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>A list.</summary>
internal abstract record CelList : CelValue
{
    public override string TypeName => "list";

    /// <summary>How many items it has.</summary>
    public abstract int Count { get; }

    /// <summary>Whether two lists with the same items in another order differ.</summary>
    public virtual bool IsOrdered => true;

    /// <summary>An item.</summary>
    public abstract CelValue this[int index] { get; }

    /// <summary>All items.</summary>
    public IEnumerable<CelValue> Items => Enumerable.Range(0, Count).Select(index => this[index]);
}

/// <summary>A list of values.</summary>
internal sealed record CelListOf(IReadOnlyList<CelValue> Values) : CelList
{
    public override int Count => Values.Count;

    public override CelValue this[int index] => Values[index];
}

/// <summary>A map, or an object with fields.</summary>
internal abstract record CelMap : CelValue
{
    public override string TypeName => "map";

    /// <summary>How many entries it has.</summary>
    public abstract int Count { get; }

    /// <summary>The keys.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }

    /// <summary>The value of a key; null when the key is not there.</summary>
    public abstract CelValue? Find(CelValue key);
}

/// <summary>A map of values; maps in expressions are small.</summary>
internal sealed record CelMapOf(IReadOnlyList<KeyValuePair<CelValue, CelValue>> Entries) : CelMap
{
    public override int Count => Entries.Count;

    public override IEnumerable<CelValue> Keys => Entries.Select(entry => entry.Key);

    public override CelValue? Find(CelValue key)
    {
        foreach (var (name, value) in Entries)
        {
            if (CelEquality.Equal(name, key))
                return value;
        }

        return null;
    }
}
