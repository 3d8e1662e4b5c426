using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.PyTorch;

internal static partial class Emitters
{
    private static void RegisterArrangement()
    {
        Register<Concat>(
            (concat, node, on) =>
            {
                var whole = node.Shape;
                var parts = node.Operands.Map(o => on.Beside(o, whole, whole: true));
                // Where nothing is repeated, torch.cat does.
                var alike = node.Operands.ForAll(o =>
                    whole.Dimensions.ForAll(d => d.Axis == concat.Axis || o.Shape.SizeOf(d.Axis) == d.Size)
                );
                return $"{(alike ? "torch.cat" : "concat")}([{string.Join(", ", parts)}], {Layout.At(whole, concat.Axis)})";
            }
        );
        Register<Slice>(
            (slice, node, on) =>
            {
                var before = string.Concat(Enumerable.Repeat(":, ", Layout.At(node.Shape, slice.Axis)));
                return $"{on[node.Operands[0]]}[{before}{slice.Start}:{slice.Start + slice.Length}]";
            }
        );
        Register<Reverse>((reverse, node, on) => $"{on[node.Operands[0]]}.flip({Layout.At(node.Shape, reverse.Axis)})");
        Register<Rename>(
            (rename, node, on) =>
                Layout.Arranged(on[node.Operands[0]], node.Operands[0].Shape.Axes.Map(rename.Name), node.Shape.Axes)
        );
        Register<Repeat>(
            (_, node, on) =>
            {
                var from = node.Operands[0].Shape;
                var sizes = node.Shape.Dimensions.Map(d => SizeFrom(d, from));
                return $"{on.Beside(node.Operands[0], node.Shape, whole: true)}.expand({string.Join(", ", sizes)})";
            }
        );
        Register<Widen>((widen, node, on) => on.Beside(node.Operands[0], node.Shape, whole: true));
        Register<Split>(
            (split, node, on) =>
            {
                var source = node.Operands[0].Shape.Axes;
                var at = source.IndexOf(split.Axis);
                Many<Axis> apart = [.. source.Take(at), split.Outer, .. source.Skip(at)];
                var inner = node.Operands[0].Shape[split.Axis] / split.Count;
                return Layout.Arranged(
                    $"{on[node.Operands[0]]}.unflatten({at}, ({split.Count}, {inner}))",
                    apart,
                    node.Shape.Axes
                );
            }
        );
        Register<Merge>(
            (merge, node, on) =>
            {
                var result = node.Shape.Axes;
                var at = result.IndexOf(merge.Axis);
                Many<Axis> together = [.. result.Take(at), merge.Outer, .. result.Skip(at)];
                return $"{on.Arranged(node.Operands[0], together)}.flatten({at}, {at + 1})";
            }
        );
        Register<ChannelsInnermost>(
            (_, node, on) => $"{on[node.Operands[0]]}.contiguous(memory_format=torch.channels_last)"
        );
    }

    // A batch that is not there yet is of length 1 until something with a batch stands beside it.
    private static string SizeFrom(Dimension of, Shape from) =>
        of.Axis == Axis.Batch
            ? from.Has(of.Axis)
                ? "-1"
                : "1"
            : from.SizeOf(of.Axis) == of.Size
                ? "-1"
                : $"{of.Size}";
}
