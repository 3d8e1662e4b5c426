using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>One axis mapped by a constant matrix.</summary>
internal static class AxisMap
{
    /// <summary>The value with an axis mapped: <c>y_k = sum_i m_ki x_i</c>.</summary>
    /// <param name="x">The value.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="mapped">A name for the new axis on the way.</param>
    /// <param name="size">Its new size.</param>
    /// <param name="matrix">The matrix, row by row.</param>
    /// <param name="emit">Where the operators go.</param>
    public static Value Of(Value x, Axis axis, Axis mapped, int size, double[] matrix, Emitter emit)
    {
        var weight = emit.Numbers($"{mapped} of {x[axis]}", [new(mapped, size), new(axis, x[axis])], matrix, x.Type);
        var at = x.At(axis);
        var dimensions = x.Dimensions.Map(d => d.Axis == axis ? d with { Size = size } : d);
        if (at > 0 && at == x.Rank - 1)
            return emit.MatMul(x, emit.Transposed(weight)) with { Dimensions = dimensions };
        var after = x.Axes.Skip(at + 1).ToMany();
        var product = emit.MatMul(weight, emit.Merge(x, after, new("columns"), at + 1));
        return emit.Reshape(product, dimensions);
    }
}
