using System.Collections.Concurrent;
using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    // Winograd's F(2, 3): y = A' [(G w) . (B' x)] for four numbers x, three of w and two of y.
    private static readonly double[,] ofInput =
    {
        { 1, 0, -1, 0 },
        { 0, 1, 1, 0 },
        { 0, -1, 1, 0 },
        { 0, 1, 0, -1 },
    };
    private static readonly double[,] ofKernel =
    {
        { 1, 0, 0 },
        { .5, .5, .5 },
        { .5, -.5, .5 },
        { 0, 0, 1 },
    };
    private static readonly double[,] ofResult =
    {
        { 1, 1, 1, 0 },
        { 0, 1, -1, -1 },
    };

    private static void RegisterTiles()
    {
        Register<TransformKernel>(
            (_, node, on) =>
                (x, _) =>
                {
                    var (o, i) = (x[0].shape[0], x[0].shape[1]);
                    var points = Twice(ofKernel, Exact(on.Real), on.Device)
                        .matmul(x[0].to(Exact(on.Real)).permute(2, 3, 1, 0).reshape(9, i * o));
                    return points.to(on.Real).reshape(TiledConvolve.Patch, i, o).permute(2, 1, 0);
                }
        );
        Register<TiledConvolve>((tiled, node, on) => TiledConvolveOf(tiled, node, on));
    }

    /// <summary>Transforms are sums, in which half precision would lose digits.</summary>
    private static ScalarType Exact(ScalarType real) => real == ScalarType.BFloat16 ? ScalarType.Float32 : real;

    private static readonly ConcurrentDictionary<(double[,], ScalarType, string), Tensor> twice = new();

    /// <summary>
    /// The transform of rows and columns as one matrix on numbers row by row: the Kronecker product of the matrix with
    /// itself. Kept for good.
    /// </summary>
    private static Tensor Twice(double[,] matrix, ScalarType type, Device device) =>
        twice.GetOrAdd(
            (matrix, type, $"{device}"),
            _ =>
            {
                using var scope = NewDisposeScope();
                var once = torch.tensor(matrix);
                return torch.kron(once, once).to(type).to(device).DetachFromDisposeScope();
            }
        );

    private static Kernel TiledConvolveOf(TiledConvolve tiled, Node node, DeviceContext on)
    {
        var (d, padding, exact) = (tiled.Dilation, tiled.Padding, Exact(on.Real));
        var (rows, columns) = (node.Shape[Axis.Row], node.Shape[Axis.Column]);
        var (down, across) = (tiled.Tiles(rows), tiled.Tiles(columns));
        var (high, wide) = (2 * d * (down + 1), 2 * d * (across + 1));

        return OnImages(
            node,
            (images, operands) =>
            {
                var kernels = operands[1].permute(2, 1, 0);
                var (count, channels, results) = (images.shape[0], images.shape[1], kernels.shape[2]);
                var area = count * d * d * down * across;
                var joined = Padded()
                    .Then(Patches)
                    .Then(p => p.reshape(TiledConvolve.Patch, area * channels))
                    .Then(Twice(ofInput, exact, on.Device).matmul)
                    .Then(v => v.to(on.Real))
                    .Then(v => v.reshape(TiledConvolve.Patch, area, channels))
                    .Then(v => v.bmm(kernels))
                    .Then(p => p.reshape(TiledConvolve.Patch, area * results))
                    .Then(p => p.to(exact))
                    .Then(Twice(ofResult, exact, on.Device).matmul)
                    .Then(y => y.to(on.Real))
                    .Then(y => y.reshape(2, 2, count, down, d, across, d, results))
                    .Then(y => y.permute(2, 3, 0, 4, 5, 1, 6, 7))
                    .Then(y => y.reshape(count, 2 * d * down, 2 * d * across, results));
                if (operands.Length > 2)
                    joined.add_(operands[2], Scalars.One);
                return joined.narrow(1, 0, rows).narrow(2, 0, columns).permute(0, 3, 1, 2);

                Tensor Padded() =>
                    nn
                        .functional.pad(
                            images.permute(0, 2, 3, 1),
                            [0, 0, padding, wide - images.shape[3] - padding, padding, high - images.shape[2] - padding]
                        )
                        .Then(p => p.contiguous())
                        .Then(p => p.to(exact));

                // [4, 4] numbers of the patch of each tile of each interleaved map.
                Tensor Patches(Tensor padded)
                {
                    var (row, image) = (wide * channels, high * wide * channels);
                    return padded.as_strided(
                        [4, 4, count, down, d, across, d, channels],
                        [d * row, d * channels, image, 2 * d * row, row, 2 * d * channels, channels, 1]
                    );
                }
            }
        );
    }

    /// <summary>
    /// What is made of a tensor that nothing needs afterwards: what is large is freed as soon as it is used up. A view
    /// keeps what it looks at.
    /// </summary>
    private static Tensor Then(this Tensor used, Func<Tensor, Tensor> make)
    {
        var made = make(used);
        if (!ReferenceEquals(made, used))
            used.Dispose();
        return made;
    }
}
