using Cmsa.Dsl.Programs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterWords()
    {
        Register<IsWord>((_, _, _) => (x, _) => x[0].ne(Numbers.Of(0L)));
        Register<LookUp>((_, _, _) => (x, _) => x[1].index_select(0, x[0].flatten()).unflatten(0, x[0].shape));
        Register<Drop>((drop, _, _) => (x, training) => training ? nn.functional.dropout(x[0], drop.Probability, training: true) : x[0].alias());
        Register<LastOne>((_, value, _) => At(value.Operands[0].Shape, Axis.Word) is var at ? (x, _) => x[0].select(at, -1) : default!);
        Register<Recur>(RecurOf);
        Register<PoolBlocks>(PoolBlocksOf);
        Register<PoolPresence>((_, value, _) => (x, _) =>
        {
            var (words, at) = (x[0].shape[^1], (long)value.Operands[0].Shape.Dimensions.Count - 1);
            var blocks = x[0].to(ScalarType.Int64).sum(at, keepdim: true).add(Numbers.One).div(Numbers.Of(2L), RoundingMode.floor);
            return torch.arange(Numbers.Of((words + 1) / 2), ScalarType.Int64, x[0].device).lt(blocks);
        });
    }

    private static Kernel RecurOf(Recur recur, Value value, Place on)
    {
        var shape = value.Operands[0].Shape;
        Many<Axis> rest = shape.Axes.Filter(a => a != Axis.Word && a != Axis.Channel);
        Many<Axis> order = [Axis.Word, .. rest, Axis.Channel];
        var (there, back) = (Arrange(shape.Axes, order), Arrange(order, value.Shape.Axes));
        var arrangePresent = Arrange(value.Operands[1].Shape.Axes, [Axis.Word, .. rest]);
        return (x, _) =>
        {
            // The input's share of all gates is one product; what remains is a step a word.
            var words = there(x[0]);
            var gates = nn.functional.linear(words, x[2], x[4].add(x[5], Numbers.One));
            var present = arrangePresent(x[1]).unsqueeze(-1);
            var hidden = torch.zeros([.. words.shape[1..^1], recur.Hidden], on.Real, on.Device);
            var cell = torch.zeros_like(hidden);
            var states = new List<Tensor>();
            for (var n = 0; n < words.shape[0]; n++)
            {
                var parts = gates[n].add(nn.functional.linear(hidden, x[3]), Numbers.One).chunk(4, -1);
                var next = parts[1].sigmoid().mul(cell).add(parts[0].sigmoid().mul(parts[2].tanh()), Numbers.One);
                var here = present[n];
                hidden = torch.where(here, parts[3].sigmoid().mul(next.tanh()), hidden);
                cell = torch.where(here, next, cell);
                states.Add(hidden);
            }
            return back(torch.stack(states));
        };
    }

    private static Kernel PoolBlocksOf(PoolBlocks pool, Value value, Place on)
    {
        var axes = value.Shape.Axes;
        Many<Axis> order = [Axis.Batch, Axis.Channel, Axis.Word, Axis.Row, Axis.Column];
        var (there, back) = (Arrange(axes, order), Arrange(order, axes));
        var arrangePresent = value.Operands.Count > 1 ? Arrange(value.Operands[1].Shape.Axes, order) : null;
        return (x, _) =>
        {
            var blocks = there(x[0]);
            if (arrangePresent is null) return back(nn.functional.max_pool3d(blocks, [2, 2, 2], [2, 2, 2], ceil_mode: true));
            // The words that are there come first, in their order, so that blocks start at the first of them.
            var present = arrangePresent(x[1]).expand([blocks.shape[0], 1, blocks.shape[2], 1, 1]);
            var position = torch.arange(Numbers.Of(blocks.shape[2]), ScalarType.Int64, on.Device).reshape(1, 1, -1, 1, 1);
            var rank = torch.where(present, position, position.add(Numbers.Of(blocks.shape[2]))).argsort(2);
            var moved = blocks.gather(2, rank.expand_as(blocks)).masked_fill(present.gather(2, rank).logical_not(), Numbers.Of(Lowest(blocks)));
            var greatest = nn.functional.max_pool3d(moved, [2, 2, 2], [2, 2, 2], ceil_mode: true);
            return back(greatest.masked_fill(greatest.eq(Numbers.Of(Lowest(blocks))), Numbers.Of(0.0)));
        };
    }
}
