namespace Cmsa;

/// <summary>
/// The name of one dimension of a tensor. A layer says what it does to the axes it names; every other axis it carries
/// along unchanged, which is how one convolution serves a feature map and the feature maps of twenty words alike.
/// </summary>
/// <param name="Name">
/// What the axis counts; a prime marks the axis summed over by an attention (<c>word'</c> is n' of equation 3).
/// </param>
public readonly record struct Axis(string Name) : IComparable<Axis>
{
    /// <summary>
    /// The samples of a batch. Programs are written for one sample; the batch's size is known only when they run.
    /// </summary>
    public static Axis Batch { get; } = new("batch");

    /// <summary>The heads of a multi-head attention.</summary>
    public static Axis Head { get; } = new("head");

    /// <summary>The words of an expression, n in the paper.</summary>
    public static Axis Word { get; } = new("word");

    /// <summary>The channels of a feature.</summary>
    public static Axis Channel { get; } = new("channel");

    /// <summary>The rows of a feature map, top to bottom.</summary>
    public static Axis Row { get; } = new("row");

    /// <summary>The columns of a feature map, left to right.</summary>
    public static Axis Column { get; } = new("column");

    /// <summary>The results of a linear map: the first axis of its weight.</summary>
    public static Axis Out { get; } = new("out");

    /// <summary>The arguments of a linear map: the second axis of its weight.</summary>
    public static Axis In { get; } = new("in");

    /// <summary>The rows of a convolution's kernel.</summary>
    public static Axis KernelRow { get; } = new("kernel row");

    /// <summary>The columns of a convolution's kernel.</summary>
    public static Axis KernelColumn { get; } = new("kernel column");

    private static readonly string[] order =
    [
        "batch",
        "head",
        "out",
        "in",
        "word",
        "channel",
        "row",
        "column",
        "kernel row",
        "kernel column",
    ];

    /// <summary>The same axis on the other side of an attention: n becomes n', and n' becomes n.</summary>
    public Axis Prime => IsPrimed ? new(Name[..^1]) : new(Name + "'");

    /// <summary>Whether this axis is on the far side of an attention.</summary>
    public bool IsPrimed => Name.EndsWith('\'');

    /// <summary>
    /// Where the axis stands in a tensor: batch, head, word, channel, row, column, then what is primed, then what a
    /// user named.
    /// </summary>
    private (int, int, string) Rank =>
        (
            IsPrimed ? 1 : 0,
            Array.IndexOf(order, IsPrimed ? Name[..^1] : Name) is var i and >= 0 ? i : order.Length,
            Name
        );

    /// <summary>Orders axes as they stand in a tensor, outermost first.</summary>
    public int CompareTo(Axis other) => Rank.CompareTo(other.Rank);

    /// <summary>Whether this axis stands outside <paramref name="right"/>.</summary>
    public static bool operator <(Axis left, Axis right) => left.CompareTo(right) < 0;

    /// <summary>Whether this axis stands inside <paramref name="right"/>.</summary>
    public static bool operator >(Axis left, Axis right) => left.CompareTo(right) > 0;

    /// <summary>Whether this axis stands outside <paramref name="right"/> or is it.</summary>
    public static bool operator <=(Axis left, Axis right) => left.CompareTo(right) <= 0;

    /// <summary>Whether this axis stands inside <paramref name="right"/> or is it.</summary>
    public static bool operator >=(Axis left, Axis right) => left.CompareTo(right) >= 0;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
