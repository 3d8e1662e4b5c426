using Cmsa.Dsl.Programs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterArrangement()
    {
        Register<ChannelsInnermost>((_, _, _) => (x, _) => x[0].permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        Register<Concat>((concat, value, _) =>
        {
            var axis = At(value.Shape, concat.Axis);
            var align = value.Operands.Map(o => Lay(o.Shape, value.Shape)).ToArray();
            return (x, _) =>
            {
                var parts = new Tensor[x.Length];
                for (var i = 0; i < x.Length; i++) parts[i] = align[i](x[i]);
                var sizes = Enumerable.Range(0, value.Shape.Dimensions.Count).Select(d => parts.Max(p => p.shape[d])).ToArray();
                return torch.cat([.. parts.Select(p => p.expand([.. sizes.Select((size, d) => d == axis ? p.shape[d] : size)]))], axis);
            };
        });
        Register<Slice>((slice, value, _) => At(value.Shape, slice.Axis) is var at ? (x, _) => x[0].narrow(at, slice.Start, slice.Length) : default!);
        Register<Rename>((rename, value, _) =>
        {
            var arrange = Arrange(value.Operands[0].Shape.Axes.Map(rename.Name), value.Shape.Axes);
            return (x, _) => arrange(x[0]);
        });
        Register<Repeat>((_, value, _) =>
        {
            var align = Lay(value.Operands[0].Shape, value.Shape);
            var added = value.Shape.Axes.Map(a => a != Axis.Batch && value.Operands[0].Shape.SizeOf(a) != value.Shape.SizeOf(a)).ToArray();
            return (x, _) => align(x[0]) is var y ? y.expand([.. value.Shape.Dimensions.Select((d, i) => added[i] ? d.Size : y.shape[i])]) : default!;
        });
        Register<Widen>((widen, value, _) => At(value.Shape, widen.Axis) is var at ? (x, _) => x[0].unsqueeze(at) : default!);
        Register<Split>((split, value, _) =>
        {
            var source = value.Operands[0].Shape.Axes.ToList();
            var at = source.IndexOf(split.Axis);
            source.Insert(at, split.Outer);
            var arrange = Arrange(source, value.Shape.Axes);
            return (x, _) => arrange(x[0].unflatten(at, [split.Count, x[0].shape[at] / split.Count]));
        });
        Register<Merge>((merge, value, _) =>
        {
            var (source, result) = (value.Operands[0].Shape.Axes, value.Shape.Axes.ToList());
            var at = result.IndexOf(merge.Axis);
            var arrange = Arrange(source, [.. result.Take(at), merge.Outer, .. result.Skip(at)]);
            return (x, _) => arrange(x[0]).flatten(at, at + 1);
        });
    }
}
