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
                var (down, across) = (Along.Rows(pool, images[Axis.Row], rows), Along.Columns(pool, images[Axis.Column], columns));
                var (below, beside) = (down.Beyond, across.Beyond);
                if (pool.Reduction == Reduction.Max)
                    return emit.Emit("MaxPool", [images], dimensions, images.Type, Window(pool, below, beside));

                var mean = emit.Emit(
                    "AveragePool",
                    [images],
                    dimensions,
                    images.Type,
                    [.. Window(pool, below, beside), Attributes.Of("count_include_pad", 1L)]
                );
                if (below <= pool.Padding.Rows && beside <= pool.Padding.Columns)
                    return mean;

                // A last window that stands out beyond the padding is divided by what is inside alone.
                var more =
                    from row in down.Inside
                    from column in across.Inside
                    select (double)pool.Kernel.Rows * pool.Kernel.Columns / (row * column);
                var factors = emit.Numbers(
                    "windows",
                    [new(Axis.Row, rows), new(Axis.Column, columns)],
                    [.. more],
                    images.Type
                );
                return emit.Times(mean, factors);
            }
        );

    /// <summary>The windows along an axis.</summary>
    /// <param name="Size">Cells of the map.</param>
    /// <param name="Windows">How many windows there are.</param>
    /// <param name="Reach">Cells from a window's first to its last.</param>
    /// <param name="Stride">Step between windows.</param>
    /// <param name="Padding">Cells added on each side.</param>
    private readonly record struct Along(int Size, int Windows, int Reach, int Stride, int Padding)
    {
        public static Along Rows(PoolWindows pool, int size, int windows) =>
            new(size, windows, pool.Dilation.Rows * (pool.Kernel.Rows - 1) + 1, pool.Stride.Rows, pool.Padding.Rows);

        public static Along Columns(PoolWindows pool, int size, int windows) =>
            new(
                size,
                windows,
                pool.Dilation.Columns * (pool.Kernel.Columns - 1) + 1,
                pool.Stride.Columns,
                pool.Padding.Columns
            );

        /// <summary>How many cells the last window reaches beyond the map.</summary>
        public int Beyond => Math.Max(0, (Windows - 1) * Stride + Reach - Size - Padding);

        /// <summary>Of each window, the cells that are inside the padded map.</summary>
        public Many<int> Inside
        {
            get
            {
                var (reach, stride, end) = (Reach, Stride, Size + 2 * Padding);
                return Many.Range(Windows).Map(i => Math.Min(i * stride + reach, end) - i * stride);
            }
        }
    }

    // How far the last window stands out is said as padding, since runtimes count rounded-up windows differently.
    private static Many<AttributeProto> Window(PoolWindows pool, int below, int beside) =>
        [
            Attributes.Of("kernel_shape", pool.Kernel.Rows, pool.Kernel.Columns),
            Attributes.Of("strides", pool.Stride.Rows, pool.Stride.Columns),
            Attributes.Of("pads", pool.Padding.Rows, pool.Padding.Columns, below, beside),
            .. pool.Dilation == 1
                ? (Many<AttributeProto>)[]
                : [Attributes.Of("dilations", pool.Dilation.Rows, pool.Dilation.Columns)],
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
