using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterAlgebra()
    {
        Register<Linear>((_, node, _) => LinearOf(node));
        Register<Contract>((contract, node, _) => ContractOf(contract, node));
        Register<Cmsa.Dsl.Graphs.Reduce>((reduce, node, _) => ReduceOf(reduce, node));
        Register<Softmax>((softmax, node, _) => SoftmaxOf(softmax, node));
        Register<LogSumExp>((sum, node, _) => LogSumExpOf(sum, node));
        Register<FactoredLogSumExp>((sum, node, _) => FactoredLogSumExpOf(sum, node));
        Register<AverageSoftmax>((average, node, _) => AverageSoftmaxOf(average, node));
        Register<FusedAttention>((attention, node, _) => FusedAttentionOf(attention, node));
    }

    private static Kernel LinearOf(Node node)
    {
        var shape = node.Operands[0].Shape;
        var (at, rank) = (At(shape, Axis.Channel), shape.Dimensions.Count);
        var bias = node.Operands.Count > 2;
        if (at == rank - 1)
            return (x, _) => nn.functional.linear(x[0], x[1], bias ? x[2] : null);
        return (x, _) => MapChannels(x[0], x[1], bias ? x[2] : null, at);
    }

    /// <summary>
    /// Channels that stand before other axes, mapped: the weight multiplies from the left and nothing is moved.
    /// </summary>
    private static Tensor MapChannels(Tensor x, Tensor weight, Tensor? bias, long at)
    {
        var mapped = weight.matmul(x.flatten(at + 1));
        if (bias is not null)
            mapped.add_(bias.unsqueeze(-1), Scalars.One);
        return mapped.unflatten(at + 1, x.shape[((int)at + 1)..]);
    }

    private static Kernel ContractOf(Contract contract, Node node)
    {
        var axes = node.Operands[0].Shape.Union(node.Operands[1].Shape).Axes.ToList();
        string Letters(IEnumerable<Axis> of) => string.Concat(of.Select(a => (char)('a' + axes.IndexOf(a))));
        var equation =
            $"{Letters(node.Operands[0].Shape.Axes)},{Letters(node.Operands[1].Shape.Axes)}->{Letters(node.Shape.Axes)}";
        return (x, _) => torch.einsum(equation, x[0], x[1]);
    }

    private static Kernel ReduceOf(Cmsa.Dsl.Graphs.Reduce reduce, Node node)
    {
        var shape = node.Operands.Map(o => o.Shape).Whole;
        var axes = reduce.Axes.Map(a => (long)At(shape, a)).Filter(i => i >= 0).ToArray();
        var shrink = reduce.Reduction switch
        {
            Reduction.Sum => (Func<Tensor, Tensor>)(x => x.sum(axes)),
            Reduction.Mean => x => x.mean(axes),
            _ => x => x.amax(axes),
        };
        if (node.Operands.Count == 1)
            return axes.Length == 0 ? (x, _) => x[0].clone() : (x, _) => shrink(x[0]);

        var (alignX, align) = (Align(node.Operands[0].Shape, shape), Align(node.Operands[1].Shape, shape));
        return reduce.Reduction switch
        {
            Reduction.Max => (x, _) =>
            {
                var present = align(x[1]);
                var any = axes.Aggregate(present, (some, axis) => some.any(axis, keepdim: true));
                var masked = alignX(x[0]).masked_fill(present.bitwise_not(), Scalars.Of(Lowest(x[0])));
                var greatest = axes.Length == 0 ? masked : masked.amax(axes, keepdim: true);
                return Squeeze(greatest.masked_fill(any.bitwise_not(), Scalars.Of(0.0)), axes);
            }
            ,
            var reduction => (x, _) =>
            {
                var present = align(x[1]);
                var masked = alignX(x[0]).masked_fill(present.bitwise_not(), Scalars.Of(0.0));
                if (axes.Length == 0)
                    return masked;
                var sum = masked.sum(axes);
                if (reduction == Reduction.Sum)
                    return sum;
                var of = present.expand([
                    .. masked.shape.Select((size, d) => axes.Contains(d) ? size : present.shape[d]),
                ]);
                return sum.div(of.to(x[0].dtype).sum(axes).clamp_min(Scalars.One));
            }
            ,
        };
    }

    private static Tensor Squeeze(Tensor x, long[] axes) =>
        axes.OrderDescending().Aggregate(x, (y, axis) => y.squeeze(axis));

    private static double Lowest(Tensor x) =>
        x.dtype == ScalarType.Float64 ? double.MinValue
        : x.dtype == ScalarType.BFloat16 ? -3.3e38
        : float.MinValue;

    private static Kernel SoftmaxOf(Softmax softmax, Node node)
    {
        var shape = node.Shape;
        var rest = shape.Axes.Filter(a => !softmax.Axes.Contains(a));
        var over = shape.Axes.Filter(a => softmax.Axes.Contains(a));
        var (there, back) = (Arrange(shape.Axes, rest + over), Arrange(rest + over, shape.Axes));
        var (alignX, align) = (
            Align(node.Operands[0].Shape, shape),
            node.Operands.Count > 1 ? Align(node.Operands[1].Shape, shape) : null
        );
        return (x, _) =>
        {
            var masked = align is null
                ? x[0]
                : alignX(x[0]).masked_fill(align(x[1]).bitwise_not(), Scalars.Of(Lowest(x[0])));
            var arranged = there(masked);
            var sizes = arranged.shape[rest.Count..];
            var weights = back(arranged.flatten(rest.Count).softmax(rest.Count).unflatten(rest.Count, sizes));
            return align is null ? weights : weights.masked_fill(align(x[1]).bitwise_not(), Scalars.Of(0.0));
        };
    }
}
