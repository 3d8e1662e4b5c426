namespace Cmsa.Pickle;

/// <summary>
/// The memory and work that reading one pickle may take, in bytes. Every step that allocates, copies or compares pays
/// before it does; so a few bytes that refer to one large value again and again cannot take quadratic time.
/// </summary>
/// <param name="limit">How much there is to spend.</param>
internal sealed class Budget(long limit)
{
    /// <summary>The bytes of a list element or a stack slot.</summary>
    public const int Slot = 8;

    /// <summary>The bytes of a small object.</summary>
    public const int Small = 24;

    private long left = limit;

    /// <summary>The bytes there were to spend.</summary>
    public long Limit { get; } = limit;

    /// <summary>Whether a step needed more than was left.</summary>
    public bool IsSpent => left < 0;

    /// <summary>Pays for a step; false where not enough is left, now and for every later step.</summary>
    public bool Pay(long bytes)
    {
        if (left >= 0)
            left -= bytes;
        return left >= 0;
    }

    /// <summary>The bytes of an array with so many references.</summary>
    public static long Array(int count) => Small + (long)Slot * count;
}
