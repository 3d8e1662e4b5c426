using global::Onnx;

namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>Values laid out otherwise.</summary>
internal sealed partial class Emitter
{
    /// <summary>The same elements in the same order under other dimensions.</summary>
    public Value Reshape(Value x, Many<Dimension> dimensions)
    {
        if (x.Sizes == dimensions.Map(d => (long)d.Size))
            return x with { Dimensions = dimensions };
        return Emit("Reshape", [x, Integers(dimensions.Map(d => (long)d.Size))], dimensions, x.Type);
    }

    /// <summary>
    /// A value with its axes in some order; those that it lacks become of length 1. Axes that are not in the order must
    /// be of length 1.
    /// </summary>
    public Value Arrange(Value x, Many<Axis> order)
    {
        var kept = Squeeze(x, x.Axes.Filter(a => !order.Contains(a)));
        var moved = Transpose(kept, order.Filter(kept.Has));
        return Reshape(moved, order.Map(a => new Dimension(a, moved[a])));
    }

    /// <summary>The same axes in another order.</summary>
    private Value Transpose(Value x, Many<Axis> order)
    {
        if (order == x.Axes)
            return x;
        // Where only axes of length 1 change places, the elements stay.
        var moved = order.Map(a => x.Dimensions[x.At(a)]);
        if (Longer(order) == Longer(x.Axes))
            return Reshape(x, moved);
        return Emit("Transpose", [x], moved, x.Type, Attributes.Of("perm", order.Map(a => (long)x.At(a))));

        Many<Axis> Longer(Many<Axis> axes) => axes.Filter(a => x[a] != 1);
    }

    /// <summary>A value without some axes, of length 1.</summary>
    public Value Squeeze(Value x, Many<Axis> axes)
    {
        var longer = x.Dimensions.Filter(d => axes.Contains(d.Axis) && d.Size != 1);
        if (!longer.IsEmpty)
            throw new InvalidOperationException(
                $"{x.Name} has {longer.Head.Axis} of length {longer.Head.Size}, which cannot be left out."
            );
        return Reshape(x, x.Dimensions.Filter(d => !axes.Contains(d.Axis)));
    }

    /// <summary>
    /// A value beside one with more axes: its axes in the order, those that it lacks inside of it of length 1. What is
    /// missing outside is not needed.
    /// </summary>
    public Value Align(Value x, Many<Axis> order)
    {
        var first = order.Find(x.Has).Map(order.IndexOf).IfNone(order.Count);
        return Arrange(x, order.Slice(first, order.Count - first));
    }

    /// <summary>A value whose axes follow one another, merged into one.</summary>
    /// <param name="x">The value.</param>
    /// <param name="axes">
    /// The axes, next to each other; where there is none the new axis is of length 1 and stands at <paramref
    /// name="at"/>.
    /// </param>
    /// <param name="merged">The new axis.</param>
    /// <param name="at">Where the new axis stands.</param>
    public Value Merge(Value x, Many<Axis> axes, Axis merged, int at)
    {
        var size = Sizes.Product(x.Dimensions.Filter(d => axes.Contains(d.Axis)));
        Many<Dimension> dimensions =
        [
            .. x.Dimensions.Take(at),
            new(merged, size),
            .. x.Dimensions.Skip(at + axes.Count),
        ];
        return Reshape(x, dimensions);
    }

    /// <summary>A value repeated to some dimensions, which has them or an axis of length 1.</summary>
    public Value Expand(Value x, Many<Dimension> dimensions)
    {
        var arranged = Arrange(x, dimensions.Map(d => d.Axis));
        if (arranged.Dimensions == dimensions)
            return arranged;
        return Emit("Expand", [arranged, Shape(dimensions)], dimensions, x.Type);
    }

    /// <summary>Dimensions as a list of whole numbers, the batch's as it is at run time.</summary>
    public Value Shape(Many<Dimension> dimensions)
    {
        var at = dimensions.Map(d => d.Size).IndexOf(Value.Dynamic);
        if (at < 0)
            return Integers(dimensions.Map(d => (long)d.Size));
        var before = dimensions.Take(at).Map(d => (long)d.Size);
        var after = dimensions.Skip(at + 1).ToMany().Map(d => (long)d.Size);
        Many<Value> parts =
        [
            .. before.IsEmpty ? [] : (Many<Value>)[Integers(before)],
            BatchSize(),
            .. after.IsEmpty ? [] : (Many<Value>)[Integers(after)],
        ];
        return parts is [var only]
            ? only
            : Emit(
                "Concat",
                parts,
                [new(new Axis("index"), dimensions.Count)],
                DataType.Int64,
                Attributes.Of("axis", 0L)
            );
    }

    /// <summary>A stretch of an axis.</summary>
    public Value Slice(Value x, Axis axis, long start, long length)
    {
        if (start == 0 && length == x[axis])
            return x;
        var at = x.At(axis);
        var dimensions = x.Dimensions.Map(d => d.Axis == axis ? d with { Size = (int)length } : d);
        return Emit("Slice", [x, Integers(start), Integers(start + length), Integers(at)], dimensions, x.Type);
    }

    /// <summary>The same elements, the last along an axis first.</summary>
    public Value Reverse(Value x, Axis axis) =>
        Emit(
            "Slice",
            [x, Integers(-1), Integers(long.MinValue), Integers(x.At(axis)), Integers(-1)],
            x.Dimensions,
            x.Type
        );

    /// <summary>Values one after the other along an axis, alike in all others.</summary>
    public Value Concat(Many<Value> parts, Axis axis)
    {
        if (parts is [var only])
            return only;
        var size = parts.Sum(p => p[axis]);
        var dimensions = parts.Head.Dimensions.Map(d => d.Axis == axis ? d with { Size = size } : d);
        return Emit("Concat", parts, dimensions, parts.Head.Type, Attributes.Of("axis", (long)parts.Head.At(axis)));
    }
}
