using global::Onnx;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Arithmetic on values, element by element and along axes.</summary>
internal sealed partial class Emitter
{
    /// <summary>A function of every element.</summary>
    public Value Each(string op, Value x) => Emit(op, [x], x.Dimensions, x.Type);

    /// <summary>
    /// Two values combined element by element, an axis of length 1 repeated; the result has the axes of both in some
    /// order.
    /// </summary>
    public Value Each(string op, Value x, Value y, Many<Axis> order, DataType? type = null)
    {
        var dimensions = Sizes.Broadcast(order, x, y);
        return Emit(op, [Align(x, order), Align(y, order)], dimensions, type ?? x.Type);
    }

    /// <summary>Two values combined element by element, where one has all axes of the other, in its order.</summary>
    public Value Each(string op, Value x, Value y, DataType? type = null) =>
        Each(op, x, y, x.Rank >= y.Rank ? x.Axes : y.Axes, type);

    public Value Plus(Value x, Value y) => Each("Add", x, y);

    public Value Minus(Value x, Value y) => Each("Sub", x, y);

    public Value Times(Value x, Value y) => Each("Mul", x, y);

    public Value Over(Value x, Value y) => Each("Div", x, y);

    /// <summary>The greater of each element and a number.</summary>
    public Value AtLeast(Value x, double least) => Each("Max", x, Number(least, x.Type));

    /// <summary>A value where a boolean is true, and a number elsewhere.</summary>
    public Value Where(Value holds, Value x, double otherwise, Many<Axis> order)
    {
        var dimensions = Sizes.Broadcast(order, holds, x);
        return Emit("Where", [Align(holds, order), Align(x, order), Number(otherwise, x.Type)], dimensions, x.Type);
    }

    public Value Cast(Value x, DataType type) =>
        x.Type == type ? x : Emit("Cast", [x], x.Dimensions, type, Attributes.Of("to", (long)type));

    /// <summary>A value in the type in which sums are computed.</summary>
    public Value Exactly(Value x) => Cast(x, Exact);

    /// <summary>A value in the model's precision; a logarithm of nothing becomes the lowest number of it.</summary>
    public Value Rounded(Value x) => x.Type == Real ? x : Cast(Real == DataType.Float16 ? AtLeast(x, -60000) : x, Real);

    /// <summary>Some axes reduced to length 1, or left out.</summary>
    /// <param name="op">
    /// The operator: <c>ReduceSum</c>, <c>ReduceMean</c>, <c>ReduceMax</c>, <c>ReduceLogSumExp</c>.
    /// </param>
    /// <param name="x">The value.</param>
    /// <param name="axes">The axes; those that it lacks do not matter.</param>
    /// <param name="keep">Whether they stay, of length 1.</param>
    public Value Reduce(string op, Value x, Many<Axis> axes, bool keep = false)
    {
        var reduced = x.Axes.Filter(axes.Contains);
        if (reduced.IsEmpty)
            return x;
        var dimensions = keep
            ? x.Dimensions.Map(d => reduced.Contains(d.Axis) ? d with { Size = 1 } : d)
            : x.Dimensions.Filter(d => !reduced.Contains(d.Axis));
        var at = reduced.Map(a => (long)x.At(a));
        return Emit(op, [x, Integers(at)], dimensions, x.Type, Attributes.Of("keepdims", keep ? 1L : 0L));
    }

    /// <summary>
    /// A product of matrices <c>[..., m, k]</c> and <c>[..., k, n]</c>; the axes before are matched, one of length 1 is
    /// repeated.
    /// </summary>
    public Value MatMul(Value x, Value y)
    {
        var (left, right) = (x.Dimensions.Take(x.Rank - 2), y.Dimensions.Take(y.Rank - 2));
        var (longer, shorter) = left.Count >= right.Count ? (left, right) : (right, left);
        var alone = longer.Count - shorter.Count;
        var outer =
            longer.Take(alone)
            + longer
                .Slice(alone, shorter.Count)
                .Zip(shorter, (a, b) => a with { Size = Sizes.Broadcast(a.Size, b.Size) });
        return Emit("MatMul", [x, y], [.. outer, x.Dimensions[^2], y.Dimensions[^1]], x.Type);
    }

    /// <summary>The last two axes exchanged.</summary>
    public Value Transposed(Value x)
    {
        var axes = x.Axes;
        return Transpose(x, [.. axes.Take(x.Rank - 2), axes[^1], axes[^2]]);
    }

    /// <summary>A distribution along the last axis.</summary>
    public Value Softmax(Value x, long axis = -1) =>
        Emit("Softmax", [x], x.Dimensions, x.Type, Attributes.Of("axis", axis));

    /// <summary>One of two values of the same dimensions, by a boolean for each element.</summary>
    public Value Choose(Value holds, Value x, Value otherwise) =>
        Emit("Where", [Align(holds, x.Axes), x, otherwise], x.Dimensions, x.Type);

    /// <summary>Pictures resampled bilinearly to other rows and columns.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="dimensions">Their sizes afterwards.</param>
    /// <param name="mode">Which places the new cells stand for, in ONNX's words.</param>
    public Value Resize(Value images, Many<Dimension> dimensions, string mode)
    {
        var name = Fresh("Resize");
        var absent = new Value("", [], images.Type);
        var sizes = Integers(dimensions.Slice(2, 2).Map(d => (long)d.Size));
        Add(
            "Resize",
            name,
            [images, absent, absent, sizes],
            [name],
            [
                Attributes.Of("axes", 2, 3),
                Attributes.Of("mode", "linear"),
                Attributes.Of("coordinate_transformation_mode", mode),
            ]
        );
        return new(name, dimensions, images.Type);
    }
}
