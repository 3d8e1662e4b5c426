namespace Cmsa;

/// <summary>
/// The name of one dimension of a tensor. A layer says what it does to the axes it names; every other axis it carries
/// along unchanged, which is how one convolution serves a feature map and the feature maps of twenty words alike.
/// </summary>
/// <param name="Name">
/// What the axis counts; a prime marks the axis summed over by an attention (<c>word'</c> is n' of equation 3).
/// </param>
/// <param name="Outer">
/// Where an axis of your own stands: the names of the axes that it follows, outermost first, joined by strokes. Empty
/// for the axes below, and for one that stands after all of them.
/// </param>
public readonly record struct Axis(string Name, string Outer = "") : IComparable<Axis>
{
    /// <summary>
    /// An axis of your own that stands just inside another: <c>new Axis("frame", after: Axis.Batch)</c>. Declare it
    /// once, and use that.
    /// </summary>
    /// <param name="name">What it counts.</param>
    /// <param name="after">The axis that it follows.</param>
    public Axis(string name, Axis after)
        : this(name, after.Outer.Length == 0 ? after.Name : $"{after.Outer}/{after.Name}") { }

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
    public Axis Prime => this with { Name = IsPrimed ? Name[..^1] : Name + "'" };

    /// <summary>Whether this axis is on the far side of an attention.</summary>
    public bool IsPrimed => Name.EndsWith('\'');

    /// <summary>
    /// Where the axis stands in a tensor: batch, head, word, channel, row, column, each with what was declared to
    /// follow it, then what was declared nowhere; then the same primed.
    /// </summary>
    private (int Primed, int First, string Within) Rank
    {
        get
        {
            var name = IsPrimed ? Name[..^1] : Name;
            var stroke = Outer.IndexOf('/', StringComparison.Ordinal);
            var root =
                Outer.Length == 0 ? name
                : stroke < 0 ? Outer
                : Outer[..stroke];
            var known = Array.IndexOf(order, root);
            var first = known < 0 ? order.Length : known;
            var rest =
                Outer.Length == 0
                    ? (known < 0 ? name : "")
                    : $"{(known < 0 ? Outer : stroke < 0 ? "" : Outer[(stroke + 1)..])}/{name}";
            return (IsPrimed ? 1 : 0, first, rest);
        }
    }

    /// <summary>Orders axes as they stand in a tensor, outermost first.</summary>
    public int CompareTo(Axis other)
    {
        var (mine, others) = (Rank, other.Rank);
        return mine.Primed != others.Primed ? mine.Primed.CompareTo(others.Primed)
            : mine.First != others.First ? mine.First.CompareTo(others.First)
            : string.CompareOrdinal(mine.Within, others.Within);
    }

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
