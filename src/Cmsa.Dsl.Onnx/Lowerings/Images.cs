using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>
/// Operators for <c>[batch, channel, row, column]</c> on values with other axes around these, or without a batch.
/// </summary>
internal static class Images
{
    private static readonly Axis images = new("images");

    /// <summary>The axes of a picture, in order.</summary>
    public static Many<Axis> Axes { get; } = [Axis.Channel, Axis.Row, Axis.Column];

    /// <summary>Runs an operator on all pictures of a value.</summary>
    /// <param name="node">The node, whose axes the result gets.</param>
    /// <param name="x">The value.</param>
    /// <param name="emit">Where the operators go.</param>
    /// <param name="act">The operator, on <c>[images, channel, row, column]</c>.</param>
    public static Value Each(Node node, Value x, Emitter emit, Func<Value, Value> act)
    {
        var other = x.Axes.Filter(a => !Axes.Contains(a));
        var arranged = emit.Arrange(x, other + Axes);
        var result = act(emit.Merge(arranged, other, images, 0));
        var dimensions = other.Map(a => new Dimension(a, x[a])) + result.Dimensions.Skip(1).ToMany();
        return emit.Arrange(emit.Reshape(result, dimensions), node.Shape.Axes);
    }

    /// <summary>The dimensions of pictures with other sizes.</summary>
    public static Many<Dimension> Resized(Value x, int channels, int rows, int columns) =>
        [x.Dimensions[0], new(Axis.Channel, channels), new(Axis.Row, rows), new(Axis.Column, columns)];
}
