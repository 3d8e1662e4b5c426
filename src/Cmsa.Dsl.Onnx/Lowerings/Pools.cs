using global::Onnx;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>Pooling over windows that slide, and over a grid of bins.</summary>
internal static class Pools
{
    private static readonly Axis binned = new("bins");

    public static Value Windows(PoolWindows pool, Node node, Many<Value> x, Emitter emit) =>
        Images.Each(
            node,
            x[0],
            emit,
            images =>
            {
                var (rows, columns) = (node.Shape[Axis.Row], node.Shape[Axis.Column]);
                var dimensions = Images.Resized(images, images[Axis.Channel], rows, columns);
                var (below, beside) = (Beyond(images[Axis.Row], rows), Beyond(images[Axis.Column], columns));
                if (pool.Reduction == Reduction.Max)
                    return emit.Emit("MaxPool", [images], dimensions, images.Type, Window(pool, below, beside));

                var mean = emit.Emit(
                    "AveragePool",
                    [images],
                    dimensions,
                    images.Type,
                    [.. Window(pool, below, beside), Attributes.Of("count_include_pad", 1L)]
                );
                if (below <= pool.Padding && beside <= pool.Padding)
                    return mean;

                // A last window that stands out beyond the padding is divided by what is inside alone.
                var more =
                    from down in Inside(images[Axis.Row], rows)
                    from across in Inside(images[Axis.Column], columns)
                    select (double)pool.Kernel * pool.Kernel / (down * across);
                var factors = emit.Numbers(
                    "windows",
                    [new(Axis.Row, rows), new(Axis.Column, columns)],
                    [.. more],
                    images.Type
                );
                return emit.Times(mean, factors);

                int Beyond(int size, int windows) =>
                    Math.Max(0, (windows - 1) * pool.Stride + pool.Kernel - size - pool.Padding);

                Many<int> Inside(int size, int windows) =>
                    Many.Range(windows)
                        .Map(i => Math.Min(i * pool.Stride + pool.Kernel, size + 2 * pool.Padding) - i * pool.Stride);
            }
        );

    // How far the last window stands out is said as padding, since runtimes count rounded-up windows differently.
    private static Many<AttributeProto> Window(PoolWindows pool, int below, int beside) =>
        [
            Attributes.Of("kernel_shape", pool.Kernel, pool.Kernel),
            Attributes.Of("strides", pool.Stride, pool.Stride),
            Attributes.Of("pads", pool.Padding, pool.Padding, below, beside),
        ];

    public static Value Bins(PoolBins pool, Node node, Many<Value> x, Emitter emit)
    {
        Many<Axis> both = [Axis.Row, Axis.Column];
        if (pool is { Rows: 1, Columns: 1 })
            return emit.Reduce(pool.Reduction == Reduction.Max ? "ReduceMax" : "ReduceMean", x[0], both, keep: true);
        return pool.Reduction == Reduction.Max
            ? Greatest(Greatest(x[0], Axis.Row, pool.Rows, emit), Axis.Column, pool.Columns, emit)
            : Mean(Mean(x[0], Axis.Row, pool.Rows, emit), Axis.Column, pool.Columns, emit);
    }

    /// <summary>Where a bin begins and how long it is; bins may share elements.</summary>
    private static (int Start, int Length) Bin(int bin, int bins, int size)
    {
        var start = bin * size / bins;
        var end = ((bin + 1) * size + bins - 1) / bins;
        return (start, end - start);
    }

    private static Value Greatest(Value x, Axis axis, int bins, Emitter emit) =>
        emit.Concat(
            Many.Range(bins)
                .Map(i =>
                {
                    var (start, length) = Bin(i, bins, x[axis]);
                    return emit.Reduce("ReduceMax", emit.Slice(x, axis, start, length), [axis], keep: true);
                }),
            axis
        );

    private static Value Mean(Value x, Axis axis, int bins, Emitter emit)
    {
        var size = x[axis];
        var shares =
            from bin in Enumerable.Range(0, bins).Select(i => Bin(i, bins, size))
            from i in Enumerable.Range(0, size)
            select i >= bin.Start && i < bin.Start + bin.Length ? 1.0 / bin.Length : 0;
        return AxisMap.Of(x, axis, binned, bins, [.. shares], emit);
    }
}
