using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa;

/// <summary>How long one axis is.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Size">Its length; 1 for the batch, since programs are written for one sample.</param>
public readonly record struct Dimension(Axis Axis, int Size)
{
    /// <summary>The length, or b for the batch.</summary>
    public override string ToString() => Axis == Axis.Batch ? "b" : $"{Size}";
}

/// <summary>
/// The axes of a value with their lengths, always in the order of <see cref="Axis.CompareTo"/>. No axis stands in it
/// twice.
/// </summary>
public sealed record Shape
{
    /// <summary>A shape of these dimensions, in any order.</summary>
    public Shape(params IEnumerable<Dimension> dimensions) => Dimensions = (dimensions.OrderBy(d => d.Axis)).ToMany();

    /// <summary>The dimensions, outermost first.</summary>
    public Many<Dimension> Dimensions { get; }

    /// <summary>A number: no axes.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>The axes, outermost first.</summary>
    public Many<Axis> Axes => Dimensions.Map(d => d.Axis);

    /// <summary>
    /// How many numbers a value of this shape holds, per sample; <see cref="Magnitude.Most"/> where there are more.
    /// </summary>
    public long Count => Dimensions.Fold(1L, (n, d) => Magnitude.Product(n, d.Size));

    /// <summary>Whether the shape has an axis.</summary>
    public bool Has(Axis axis) => Dimensions.Exists(d => d.Axis == axis);

    /// <summary>How long an axis is, if the shape has it.</summary>
    public Option<int> SizeOf(Axis axis) => Dimensions.Find(d => d.Axis == axis).Map(d => d.Size);

    /// <summary>How long an axis is; 1 if the shape does not have it.</summary>
    public int this[Axis axis] => SizeOf(axis).IfNone(1);

    /// <summary>The shape with an axis of this length: changed where it was there, added where it was not.</summary>
    public Shape With(Axis axis, int size) => new([.. Without(axis).Dimensions, new(axis, size)]);

    /// <summary>The shape without some axes.</summary>
    public Shape Without(params IEnumerable<Axis> axes) => new(Dimensions.Filter(d => !axes.Contains(d.Axis)));

    /// <summary>The part of the shape that these axes make.</summary>
    public Shape Only(params IEnumerable<Axis> axes) => new(Dimensions.Filter(d => axes.Contains(d.Axis)));

    /// <summary>The shape with axes called otherwise.</summary>
    public Shape Rename(Func<Axis, Axis> name) => new(Dimensions.Map(d => d with { Axis = name(d.Axis) }));

    /// <summary>
    /// The shape of values combined element by element: all axes of both, an axis of length 1 repeated as needed; the
    /// larger where they disagree.
    /// </summary>
    public Shape Union(Shape other) =>
        new([
            .. Dimensions.Map(d => d with { Size = Math.Max(d.Size, other[d.Axis]) }),
            .. other.Dimensions.Filter(d => !Has(d.Axis)),
        ]);

    /// <summary>The axes on which two shapes disagree, neither being of length 1.</summary>
    public Many<Axis> Clashes(Shape other) =>
        Dimensions
            .Filter(d => other.SizeOf(d.Axis).Exists(size => size != d.Size && size != 1 && d.Size != 1))
            .Map(d => d.Axis);

    /// <summary>Whether two shapes have some axes, and of one length.</summary>
    public bool Agrees(Shape other, params IEnumerable<Axis> axes) =>
        axes.All(a => SizeOf(a) == other.SizeOf(a) && Has(a));

    /// <summary>The lengths in brackets: <c>[500, 40, 40]</c>; the batch is left out.</summary>
    public override string ToString() => $"[{string.Join(", ", Dimensions.Filter(d => d.Axis != Axis.Batch))}]";
}

/// <summary>Several shapes at once.</summary>
public static class Shapes
{
    extension(Many<Shape> shapes)
    {
        /// <summary>The shape of all values together, element by element, each repeated along what it lacks.</summary>
        public Shape Whole => shapes.Tail.Fold(shapes.Head, (a, b) => a.Union(b));
    }
}
