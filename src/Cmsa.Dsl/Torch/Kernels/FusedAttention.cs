using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    /// <summary>
    /// libtorch's fused attention, which never holds the matrix of weights. A mask that tells the near side apart is
    /// given a slice at a time, since libtorch widens it to numbers.
    /// </summary>
    private static Kernel FusedAttentionOf(FusedAttention attention, Node node)
    {
        var (values, far, near) = (node.Operands[0].Shape, node.Operands[1].Shape, node.Operands[2].Shape);
        Many<Axis> own = [Axis.Channel];
        var shared = near.Axes.Filter(a => a != Axis.Channel && far.Has(a));
        var asking = near.Axes.Filter(a => a != Axis.Channel && !far.Has(a));
        var over = attention.Over;

        var (arrangeNear, arrangeFar, arrangeValues) = (
            Arrange(near.Axes, shared + asking + own),
            Arrange(far.Axes, shared + over + own),
            Arrange(values.Axes, shared + over + own)
        );
        var back = Arrange(shared + asking + own, node.Shape.Axes);
        var mask = node.Operands.Count > 3 ? node.Operands[3].Shape : null;
        var arrangeMask = mask is null ? null : Arrange(mask.Axes, shared + asking + over);
        var maskAsks = mask is not null && asking.Exists(mask.Has);
        var scale = Math.Sqrt(near[Axis.Channel]);

        return (x, _) =>
        {
            Tensor q = arrangeNear(x[2]),
                k = arrangeFar(x[1]),
                v = arrangeValues(x[0]);
            var allowed = arrangeMask?.Invoke(x[3]);
            // What is the same for all samples may have been computed once.
            var sharedSizes = Shared(q, k, v, allowed);
            (q, k, v) = (Widened(q, sharedSizes), Widened(k, sharedSizes), Widened(v, sharedSizes));
            var askingSizes = q.shape[shared.Count..^1];
            // libtorch divides by the root of the width; the paper does not.
            var queries = Fold(q, shared.Count, asking.Count);
            var keys = Fold(k.mul(Scalars.Of(scale)), shared.Count, over.Count);
            var content = Fold(v, shared.Count, over.Count);
            long[] maskSizes = maskAsks ? askingSizes : [.. askingSizes.Select(_ => 1L)];
            allowed = allowed?.expand([.. sharedSizes, .. maskSizes, .. k.shape[shared.Count..^1]]);
            var attended = maskAsks
                ? torch.cat(
                    [
                        .. Enumerable
                            .Range(0, (int)askingSizes[0])
                            .Select(i => Masked(One(i), allowed!.narrow(shared.Count, i, 1))),
                    ],
                    2
                )
                : Masked(queries, allowed);
            return back(attended.reshape([.. sharedSizes, .. askingSizes, v.shape[^1]]));

            // The queries of one place of the first axis that asks.
            Tensor One(int i) =>
                askingSizes.Length == 1
                    ? queries.narrow(2, i, 1)
                    : queries.unflatten(2, askingSizes).select(2, i).flatten(2, askingSizes.Length);

            Tensor Masked(Tensor some, Tensor? mask)
            {
                var rows = Product(mask?.shape[shared.Count..(shared.Count + asking.Count)] ?? []);
                var flat = mask?.reshape([keys.shape[0], 1, rows, keys.shape[2]]);
                return nn.functional.scaled_dot_product_attention(some, keys, content, flat);
            }
        };

        long[] Shared(params Tensor?[] tensors) =>
            [.. Enumerable.Range(0, shared.Count).Select(d => tensors.Max(t => t?.shape[d] ?? 1))];

        static Tensor Widened(Tensor x, long[] sizes) =>
            x.shape.AsSpan(0, sizes.Length).SequenceEqual(sizes) ? x : x.expand([.. sizes, .. x.shape[sizes.Length..]]);

        // Its kernel without a matrix takes channels that are next to each other in memory alone.
        static Tensor Fold(Tensor x, int shared, int rest) =>
            x.reshape([
                    x.shape[..shared].Aggregate(1L, (a, b) => a * b),
                    1,
                    x.shape[shared..(shared + rest)].Aggregate(1L, (a, b) => a * b),
                    x.shape[^1],
                ])
                .contiguous();
    }
}
