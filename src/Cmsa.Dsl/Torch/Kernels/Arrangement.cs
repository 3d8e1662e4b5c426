using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterArrangement()
    {
        Register<ChannelsInnermost>((_, _, _) => (x, _) => x[0].permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        Register<Concat>(
            (concat, node, _) =>
            {
                var axis = At(node.Shape, concat.Axis);
                var align = node.Operands.Map(o => Lay(o.Shape, node.Shape)).ToArray();
                return (x, _) =>
                {
                    var parts = new Tensor[x.Length];
                    for (var i = 0; i < x.Length; i++)
                        parts[i] = align[i](x[i]);
                    var sizes = Enumerable
                        .Range(0, node.Shape.Dimensions.Count)
                        .Select(d => parts.Max(p => p.shape[d]))
                        .ToArray();
                    return torch.cat(
                        [.. parts.Select(p => p.expand([.. sizes.Select((size, d) => d == axis ? p.shape[d] : size)]))],
                        axis
                    );
                };
            }
        );
        Register<Slice>(
            (slice, node, _) =>
            {
                var at = At(node.Shape, slice.Axis);
                return (x, _) => x[0].narrow(at, slice.Start, slice.Length);
            }
        );
        Register<Reverse>(
            (reverse, node, _) =>
            {
                var at = At(node.Shape, reverse.Axis);
                return (x, _) => x[0].flip(at);
            }
        );
        Register<Rename>(
            (rename, node, _) =>
            {
                var arrange = Arrange(node.Operands[0].Shape.Axes.Map(rename.Name), node.Shape.Axes);
                return (x, _) => arrange(x[0]);
            }
        );
        Register<Repeat>(
            (_, node, _) =>
            {
                var align = Lay(node.Operands[0].Shape, node.Shape);
                var added = node
                    .Shape.Axes.Map(a => a != Axis.Batch && node.Operands[0].Shape.SizeOf(a) != node.Shape.SizeOf(a))
                    .ToArray();
                return (x, _) =>
                {
                    var aligned = align(x[0]);
                    return aligned.expand([
                        .. node.Shape.Dimensions.Select((d, i) => added[i] ? d.Size : aligned.shape[i]),
                    ]);
                };
            }
        );
        Register<Widen>(
            (widen, node, _) =>
            {
                var at = At(node.Shape, widen.Axis);
                return (x, _) => x[0].unsqueeze(at);
            }
        );
        Register<Split>(
            (split, node, _) =>
            {
                var source = node.Operands[0].Shape.Axes.ToList();
                var at = source.IndexOf(split.Axis);
                source.Insert(at, split.Outer);
                var arrange = Arrange(source, node.Shape.Axes);
                return (x, _) => arrange(x[0].unflatten(at, [split.Count, x[0].shape[at] / split.Count]));
            }
        );
        Register<Merge>(
            (merge, node, _) =>
            {
                var (source, result) = (node.Operands[0].Shape.Axes, node.Shape.Axes.ToList());
                var at = result.IndexOf(merge.Axis);
                var arrange = Arrange(source, [.. result.Take(at), merge.Outer, .. result.Skip(at)]);
                return (x, _) => arrange(x[0]).flatten(at, at + 1);
            }
        );
    }
}
