using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterWords()
    {
        Register<IsWord>((_, _, _) => (x, _) => x[0].ne(Scalars.Of(0L)));
        Register<LookUp>((_, _, _) => (x, _) => x[1].index_select(0, x[0].flatten()).unflatten(0, x[0].shape));
        Register<Drop>(
            (drop, node, _) =>
                (x, training) =>
                    !training ? x[0].alias()
                    : drop.OfSample
                        ? x[0] * nn.functional.dropout(PerSample(node, x[0]), drop.Probability, training: true)
                    : nn.functional.dropout(x[0], drop.Probability, training: true)
        );
        Register<LastOne>(
            (_, node, _) =>
            {
                var at = At(node.Operands[0].Shape, Axis.Word);
                return (x, _) => x[0].select(at, -1);
            }
        );
        Register<Recur>(RecurOf);
        Register<PoolBlocks>(PoolBlocksOf);
        Register<PoolPresence>(
            (_, node, _) =>
                (x, _) =>
                {
                    var (words, at) = (x[0].shape[^1], (long)node.Operands[0].Shape.Dimensions.Count - 1);
                    var blocks = x[0]
                        .to(ScalarType.Int64)
                        .sum(at, keepdim: true)
                        .add(Scalars.One)
                        .div(Scalars.Of(2L), RoundingMode.floor);
                    return torch
                        .arange(Scalars.Of(0L), Scalars.Of((words + 1) / 2), Scalars.One, ScalarType.Int64, x[0].device)
                        .lt(blocks);
                }
        );
    }

    private static Kernel PoolBlocksOf(PoolBlocks pool, Node node, DeviceContext on)
    {
        var axes = node.Shape.Axes;
        Many<Axis> order = [Axis.Batch, Axis.Channel, Axis.Word, Axis.Row, Axis.Column];
        var (there, back) = (Arrange(axes, order), Arrange(order, axes));
        var arrangePresent = node.Operands.Count > 1 ? Arrange(node.Operands[1].Shape.Axes, order) : null;
        return (x, _) =>
        {
            var blocks = there(x[0]);
            if (arrangePresent is null)
                return back(nn.functional.max_pool3d(blocks, [2, 2, 2], [2, 2, 2], ceil_mode: true));
            // The words that are there come first, in their order, so that blocks start at the first of them.
            var masks = arrangePresent(x[1]);
            var batch = Math.Max(blocks.shape[0], masks.shape[0]);
            if (blocks.shape[0] != batch)
                blocks = blocks.expand([batch, .. blocks.shape[1..]]);
            var present = masks.expand([batch, 1, blocks.shape[2], 1, 1]);
            var position = torch
                .arange(Scalars.Of(0L), Scalars.Of(blocks.shape[2]), Scalars.One, ScalarType.Int64, on.Device)
                .reshape(1, 1, -1, 1, 1);
            var rank = torch
                .where(present, position, position.add(Scalars.Of(blocks.shape[2]), Scalars.One))
                .argsort(2);
            var moved = blocks
                .gather(2, rank.expand_as(blocks))
                .masked_fill(present.gather(2, rank).bitwise_not(), Scalars.Of(Lowest(blocks)));
            var greatest = nn.functional.max_pool3d(moved, [2, 2, 2], [2, 2, 2], ceil_mode: true);
            return back(greatest.masked_fill(greatest.eq(Scalars.Of(Lowest(blocks))), Scalars.Of(0.0)));
        };
    }

    // A one for each sample; the batch is the outermost axis.
    private static Tensor PerSample(Node node, Tensor x)
    {
        var hasBatch = node.Shape.Has(Axis.Batch);
        return torch.ones([.. x.shape.Select((size, d) => hasBatch && d == 0 ? size : 1)], x.dtype, x.device);
    }
}
