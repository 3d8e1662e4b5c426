namespace Cmsa.Pickle;

/// <summary>
/// A growing list of values and cells that pays for its memory: the stack, the memo and the items of containers.
/// </summary>
internal struct Slots
{
    private object[]? items;

    /// <summary>A list that owns an array.</summary>
    public Slots(object[] items)
    {
        this.items = items;
        Count = items.Length;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>All of them.</summary>
    public readonly ReadOnlySpan<object> All => items.AsSpan(0, Count);

    /// <summary>One of them.</summary>
    public readonly object this[int index]
    {
        get => items![index];
        set => items![index] = value;
    }

    /// <summary>Adds one.</summary>
    public void Add(object item, Budget budget)
    {
        if (!Reserve(1, budget))
            return;
        items![Count] = item;
        Count++;
    }

    /// <summary>Adds several.</summary>
    public void Add(ReadOnlySpan<object> more, Budget budget)
    {
        if (!Reserve(more.Length, budget))
            return;
        more.CopyTo(items.AsSpan(Count));
        Count += more.Length;
    }

    /// <summary>Removes all but the first ones.</summary>
    public void Cut(int count)
    {
        items.AsSpan(count, Count - count).Clear();
        Count = count;
    }

    private bool Reserve(int more, Budget budget)
    {
        var needed = Count + more;
        var capacity = items?.Length ?? 0;
        if (needed <= capacity)
            return true;
        var larger = Math.Max(needed, capacity == 0 ? 1 : Math.Max(4, 2 * capacity));
        if (!budget.Pay(Budget.Array(larger)))
            return false;
        Array.Resize(ref items, larger);
        return true;
    }
}
