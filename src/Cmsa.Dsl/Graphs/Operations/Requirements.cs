namespace Cmsa.Dsl.Graphs;

/// <summary>
/// What operations require of the shapes of their operands: each gives an error where it does not hold, and nothing
/// where it does. What passes them runs: a kernel never meets an operand that it cannot take.
/// </summary>
internal static class Requirements
{
    private static readonly Many<Axis> image = [Axis.Channel, Axis.Row, Axis.Column];
    private static readonly Many<Axis> linear = [Axis.Out, Axis.In];
    private static readonly Many<Axis> kernel = [Axis.Out, Axis.In, Axis.KernelRow, Axis.KernelColumn];

    /// <summary>All of some errors; no allocation where there is none.</summary>
    public static Inferred With(this Shape shape, params ReadOnlySpan<Many<Error>> errors)
    {
        var all = default(Many<Error>);
        foreach (var some in errors)
            if (!some.IsEmpty)
                all += some;
        return new(shape, all);
    }

    /// <summary>An operand has some axes, beside any others.</summary>
    public static Many<Error> Has(string operand, Shape shape, params Many<Axis> axes)
    {
        if (axes.ForAll(shape.Has))
            return [];
        var missing = axes.Filter(a => !shape.Has(a));
        return
        [
            Error.Misfit(
                $"{operand} {shape} without {Names(missing)}",
                $"one with {Names(axes)}",
                $"give it the axis {missing.Head}"
            ),
        ];
    }

    /// <summary>An operand lacks some axes.</summary>
    public static Many<Error> Lacks(string operand, Shape shape, params Many<Axis> axes)
    {
        var found = axes.Filter(shape.Has);
        if (found.IsEmpty)
            return [];
        return
        [
            Error.Misfit(
                $"{operand} with {Names(found)}",
                $"one without {Names(axes)}",
                $"rename or reduce the axis {found.Head}"
            ),
        ];
    }

    /// <summary>An operand has no axes but some.</summary>
    public static Many<Error> Within(string operand, Shape shape, params Many<Axis> axes)
    {
        var others = shape.Axes.Filter(a => !axes.Contains(a));
        if (others.IsEmpty)
            return [];
        return
        [
            Error.Misfit(
                $"{operand} with {Names(others)}",
                $"one of {Names(axes)} alone",
                $"reduce the axis {others.Head}"
            ),
        ];
    }

    /// <summary>An operand has some axes and no others.</summary>
    public static Many<Error> Exactly(string operand, Shape shape, params Many<Axis> axes) =>
        Has(operand, shape, axes) + Within(operand, shape, axes);

    /// <summary>Two operands have some axes, of one length.</summary>
    public static Many<Error> Agree(string operands, Shape left, Shape right, params Many<Axis> axes)
    {
        var unlike = axes.Filter(a => !left.Agrees(right, a));
        if (unlike.IsEmpty)
            return [];
        return
        [
            Error.Misfit(
                $"{operands} {left} and {right}",
                $"both with the same {Names(unlike)} count",
                "make the sizes agree"
            ),
        ];
    }

    /// <summary>
    /// Some operands fit element by element: along an axis that two of them have they are of one length, or of length
    /// 1.
    /// </summary>
    public static Many<Error> Align(string operands, Many<Shape> shapes)
    {
        if (shapes.Count < 2 || shapes[0].Clashes(shapes[1]).IsEmpty)
            return [];
        var axis = shapes[0].Clashes(shapes[1]).Head;
        return
        [
            Error.Misfit($"{operands} {shapes[0]} and {shapes[1]}", $"the same {axis} count", "bring both to one size"),
        ];
    }

    /// <summary>An operation works on one sample: it combines no elements of several.</summary>
    public static Many<Error> OfOneSample(Many<Axis> axes) =>
        Holds(
            !axes.Contains(Axis.Batch),
            "an operation along the batch",
            "one on the axes of a sample",
            "graphs are written for one sample"
        );

    /// <summary>A mask is along an axis as long as what it is for, or of length 1.</summary>
    public static Many<Error> NoLonger(Shape mask, Shape whole) =>
        Holds(
            mask.Dimensions.ForAll(d => d.Axis == Axis.Batch || d.Size == 1 || d.Size == whole[d.Axis]),
            $"a mask {mask} for {whole}",
            "a mask that is no longer than what it is for",
            "repeat what it is for"
        );

    /// <summary>Whether something holds of an operation's own numbers.</summary>
    public static Many<Error> Holds(bool condition, string found, string expected, string hint) =>
        condition ? [] : [Error.Misfit(found, expected, hint)];

    /// <summary>A map has channels, rows and columns.</summary>
    public static Many<Error> Image(Shape shape) => Has("a map", shape, image);

    /// <summary>A linear map's weight is <c>[out, in]</c>: the same for every sample.</summary>
    public static Many<Error> LinearWeight(Shape shape) => Exactly("a weight", shape, linear);

    /// <summary>
    /// A convolution's weight is <c>[out, in, kernel row, kernel column]</c>: the same for every sample.
    /// </summary>
    public static Many<Error> Kernel(Shape shape) => Exactly("a weight", shape, kernel);

    /// <summary>
    /// What follows the weight, where something does, is a bias <c>[channel]</c>, one number for each channel of the
    /// result.
    /// </summary>
    public static Many<Error> Bias(Many<Shape> operands, int channels)
    {
        if (operands.Count < 3)
            return [];
        var bias = operands[2];
        if (bias.Axes == [Axis.Channel] && bias[Axis.Channel] == channels && operands.Count == 3)
            return [];
        return
        [
            Error.Misfit(
                $"a bias {bias} of axes {bias.Axes}",
                $"{channels} channels and no other axis",
                "add what has other axes to the result"
            ),
        ];
    }

    private static string Names(Many<Axis> axes) => string.Join(" and ", axes.Map(a => a.Name));
}
