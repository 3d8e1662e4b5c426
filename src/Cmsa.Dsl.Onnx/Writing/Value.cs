namespace Cmsa.Dsl.Onnx.Writing;

/// <summary>A value of the ONNX graph: its name, and its axes in the order in which they are laid out.</summary>
/// <param name="Name">The name in the file.</param>
/// <param name="Dimensions">
/// The axes with their sizes, outermost first; <see cref="Dynamic"/> where the size is known only at run time.
/// </param>
/// <param name="Type">What the elements are.</param>
internal sealed record Value(string Name, Many<Dimension> Dimensions, DataType Type)
{
    /// <summary>The size of an axis that is known only at run time: the batch, alone or merged with others.</summary>
    public const int Dynamic = -1;

    public Many<Axis> Axes => Dimensions.Map(d => d.Axis);

    public Many<long> Sizes => Dimensions.Map(d => (long)d.Size);

    public int Rank => Dimensions.Count;

    public bool Has(Axis axis) => At(axis) >= 0;

    public int At(Axis axis) => Axes.IndexOf(axis);

    /// <summary>The size of an axis; 1 where the value lacks it.</summary>
    public int this[Axis axis] => At(axis) is var at and >= 0 ? Dimensions[at].Size : 1;
}

/// <summary>Sizes that may be known only at run time.</summary>
internal static class Sizes
{
    /// <summary>The size of two axes side by side, one of which may be repeated.</summary>
    public static int Broadcast(int left, int right) =>
        left == Value.Dynamic || right == Value.Dynamic ? Value.Dynamic : Math.Max(left, right);

    /// <summary>The size of several axes merged into one.</summary>
    public static int Product(IEnumerable<Dimension> dimensions) =>
        dimensions.Aggregate(
            1,
            (product, d) =>
                product == Value.Dynamic || d.Size == Value.Dynamic ? Value.Dynamic : checked(product * d.Size)
        );

    /// <summary>The dimensions of values combined element by element, in a given order of axes.</summary>
    public static Many<Dimension> Broadcast(Many<Axis> order, params Many<Value> values) =>
        order.Map(axis => new Dimension(axis, values.Fold(1, (size, v) => Broadcast(size, v[axis]))));
}
