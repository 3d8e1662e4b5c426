using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

internal static partial class Emitters
{
    private static void RegisterWords()
    {
        Register<IsWord>((_, node, on) => $"{on[node.Operands[0]]} != 0");
        Register<LookUp>((_, node, on) => $"F.embedding({on[node.Operands[0]]}, {on[node.Operands[1]]})");
        Register<LastOne>(
            (_, node, on) =>
            {
                var before = string.Concat(Enumerable.Repeat(":, ", Layout.At(node.Operands[0].Shape, Axis.Word)));
                return $"{on[node.Operands[0]]}[{before}-1]";
            }
        );
        Register<Recur>(RecurOf);
        Register<PoolBlocks>(PoolBlocksOf);
        Register<PoolPresence>((_, node, on) => $"pool_presence({on[node.Operands[0]]})");
    }

    private static string RecurOf(Recur recur, Node node, Frame on)
    {
        var terms = recur.Terms(node.Operands);
        var shapes = node.Operands.Map(o => o.Shape);
        var whole = recur.Terms(shapes).Add(shapes[1]).Whole;
        Many<Axis> words = [Axis.Word],
            channel = [Axis.Channel];
        var rest = whole.Axes.Filter(a => a != Axis.Word && a != Axis.Channel);
        var arranged = terms.Map(t => on.Arranged(t, words + rest + channel));
        var presence = on.Arranged(node.Operands[1], words + rest + channel);
        var isGated = recur.Cell is RecurrentCell.Gru or RecurrentCell.GruResetFirst;
        var vector = recur.HasVector ? $"{(isGated ? "bias" : "peepholes")}={on[node.Operands[3]]}" : "";
        var call = Call(
            isGated ? "recur_gated" : recur.HasVector ? "recur_with_peepholes" : "recur",
            $"[{string.Join(", ", arranged)}]",
            presence,
            on[node.Operands[2]],
            vector,
            recur.Last ? "last=True" : ""
        );
        return Layout.Arranged(call, (recur.Last ? [] : words) + rest + channel, node.Shape.Axes);
    }

    private static string PoolBlocksOf(PoolBlocks pool, Node node, Frame on)
    {
        Many<Axis> order = [Axis.Batch, Axis.Channel, Axis.Word, Axis.Row, Axis.Column];
        var call = Call(
            "pool_blocks",
            [on.Arranged(node.Operands[0], order), .. node.Operands.Tail.Map(o => on.Arranged(o, order))]
        );
        return Layout.Arranged(call, order, node.Shape.Axes);
    }
}
