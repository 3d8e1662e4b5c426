using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.PyTorch;

internal static partial class Emitters
{
    private static void RegisterAlgebra()
    {
        Register<Linear>((_, node, on) => LinearOf(node, on));
        Register<Contract>((_, node, on) => ContractOf(node, on));
        Register<Reduce>(ReduceOf);
        Register<Softmax>((softmax, node, on) => SoftmaxOf(softmax, node, on));
        Register<LogSumExp>((sum, node, on) => LogSumExpOf(sum, node, on));
        Register<FactoredLogSumExp>(FactoredLogSumExpOf);
        Register<AverageSoftmax>(AverageSoftmaxOf);
        Register<FusedAttention>(FusedAttentionOf);
    }

    private static string LinearOf(Node node, Frame on)
    {
        var shape = node.Operands[0].Shape;
        var at = Layout.At(shape, Axis.Channel);
        var (x, weight) = (on[node.Operands[0]], on[node.Operands[1]]);
        var bias = node.Operands.Count > 2 ? on[node.Operands[2]] : "";
        return at == shape.Axes.Count - 1
            ? Call("F.linear", x, weight, bias)
            : Call("map_channels", x, weight, bias.Length > 0 ? bias : "None", $"{at}");
    }

    private static string ContractOf(Node node, Frame on)
    {
        var letters = new Letters(node.Operands.Map(o => o.Shape).Whole.Axes);
        var (left, right) = (Behind(node.Operands[0]), Behind(node.Operands[1]));
        var equation = $"{letters.Of(left.Axes)},{letters.Of(right.Axes)}->{letters.Of(node.Shape.Axes)}";
        return Call("torch.einsum", Python.Text(equation), on[left.Node], on[right.Node]);

        // Renamed axes are only other letters.
        (Node Node, Many<Axis> Axes) Behind(Node operand) =>
            operand is { Operation: Rename rename, Operands: [var inner] } && on.Seen.IsAbsorbed(operand)
                ? (inner, inner.Shape.Axes.Map(rename.Name))
                : (operand, operand.Shape.Axes);
    }

    private static string ReduceOf(Reduce reduce, Node node, Frame on)
    {
        var whole = node.Operands.Map(o => o.Shape).Whole;
        var dims = Dims(whole, reduce.Axes);
        if (node.Operands.Count == 2)
        {
            var kind = reduce.Reduction switch
            {
                Reduction.Sum => "sum",
                Reduction.Mean => "mean",
                _ => "max",
            };
            var (x, present) = (
                on.Beside(node.Operands[0], whole, whole: true),
                on.Beside(node.Operands[1], whole, whole: true)
            );
            return $"masked_{kind}({x}, {present}, {Python.Tuple(dims)})";
        }
        var of = on[node.Operands[0]];
        if (dims.IsEmpty)
            return of;
        var along = dims.Count == 1 ? $"{dims[0]}" : Python.Tuple(dims);
        return $"{of}.{reduce.Reduction switch { Reduction.Sum => "sum", Reduction.Mean => "mean", _ => "amax" }}({along})";
    }

    private static string SoftmaxOf(Softmax softmax, Node node, Frame on)
    {
        var dims = Dims(node.Shape, node.Shape.Axes.Filter(softmax.Axes.Contains));
        var masked = node.Operands.Count > 1;
        var x = on.Beside(node.Operands[0], node.Shape, whole: masked);
        if (!masked && dims.Count == 1)
            return $"{x}.softmax({dims[0]})";
        return Call(
            "softmax",
            x,
            Python.Tuple(dims),
            masked ? on.Beside(node.Operands[1], node.Shape, whole: true) : ""
        );
    }

    private static string LogSumExpOf(LogSumExp sum, Node node, Frame on)
    {
        var whole = node.Operands.Map(o => o.Shape).Whole;
        var dims = Dims(whole, sum.Axes);
        var masked = node.Operands.Count > 1;
        var x = on.Beside(node.Operands[0], whole, whole: masked);
        return masked ? Call("log_sum_exp", x, Python.Tuple(dims), on.Beside(node.Operands[1], whole, whole: true))
            : dims.IsEmpty ? x
            : $"{x}.logsumexp({Python.Tuple(dims)})";
    }

    private static string AverageSoftmaxOf(AverageSoftmax average, Node node, Frame on)
    {
        var terms = new TwoTerms(node, average.Axes, average.Masked);
        var count = 2;
        var weights = average.Weighted
            ? $"weights={on.Arranged(node.Operands[count++], terms.Outer + terms.First + terms.Second)}"
            : "";
        var counted = average.Counted ? $"counted={on.Arranged(node.Operands[count], terms.Outer + terms.Second)}" : "";
        var call = Call("average_softmax", [.. terms.Arguments(node, on), weights, counted, .. terms.Mask(node, on)]);
        return Layout.Arranged(call, terms.Outer + terms.First + average.Axes, node.Shape.Axes);
    }

    private static string FactoredLogSumExpOf(FactoredLogSumExp sum, Node node, Frame on)
    {
        var terms = new TwoTerms(node, sum.Axes, sum.Masked);
        var call = Call("factored_log_sum_exp", [.. terms.Arguments(node, on), .. terms.Mask(node, on)]);
        return Layout.Arranged(call, terms.Outer + terms.First + terms.Second, node.Shape.Axes);
    }

    private static string FusedAttentionOf(FusedAttention attention, Node node, Frame on)
    {
        var (values, far, near) = (node.Operands[0], node.Operands[1], node.Operands[2]);
        Many<Axis> own = [Axis.Channel];
        var shared = near.Shape.Axes.Filter(a => a != Axis.Channel && far.Shape.Has(a));
        var asking = near.Shape.Axes.Filter(a => a != Axis.Channel && !far.Shape.Has(a));
        var over = attention.Over;
        var mask = node.Operands.Count > 3 ? on.Arranged(node.Operands[3], shared + asking + over) : "";
        var call = Call(
            "fused_attention",
            on.Arranged(near, shared + asking + own),
            on.Arranged(far, shared + over + own),
            on.Arranged(values, shared + over + own),
            $"{shared.Count}",
            mask
        );
        return Layout.Arranged(call, shared + asking + own, node.Shape.Axes);
    }

    /// <summary>How logits x_ij + y_nj are laid out: outer axes, then i or n, then j.</summary>
    private sealed class TwoTerms
    {
        private readonly Many<Axis> axes;
        private readonly Option<Shape> mask;

        public TwoTerms(Node node, Many<Axis> axes, bool masked)
        {
            var (x, y) = (node.Operands[0].Shape, node.Operands[1].Shape);
            (this.axes, mask) = (axes, masked ? Option<Shape>.Some(node.Operands[^1].Shape) : Option<Shape>.None);
            var outer = x.Axes.Filter(a => !axes.Contains(a) && y.Has(a));
            First = x.Axes.Filter(a => !axes.Contains(a) && !y.Has(a) && a != Axis.Batch);
            Second = y.Axes.Filter(a => !axes.Contains(a) && !x.Has(a) && a != Axis.Batch);
            var batched = x.Has(Axis.Batch) || y.Has(Axis.Batch) || mask.Exists(m => m.Has(Axis.Batch));
            Outer = batched && !outer.Contains(Axis.Batch) ? [Axis.Batch, .. outer] : outer;
        }

        public Many<Axis> Outer { get; }

        public Many<Axis> First { get; }

        public Many<Axis> Second { get; }

        public Many<string> Arguments(Node node, Frame on) =>
            [
                on.Arranged(node.Operands[0], Outer + First + axes),
                on.Arranged(node.Operands[1], Outer + Second + axes),
                $"axes=(({Outer.Count}, {First.Count}, {Second.Count}), {axes.Count})",
            ];

        public Many<string> Mask(Node node, Frame on)
        {
            if (mask.Case is not Shape shape)
                return [];
            var (onFirst, onSecond) = (First.Exists(shape.Has), Second.Exists(shape.Has));
            var arranged = on.Arranged(
                node.Operands[^1],
                Outer
                    + (
                        onFirst ? First
                        : onSecond ? Second
                        : []
                    )
                    + axes
            );
            return
            [
                $"mask={arranged}",
                onFirst ? "mask_on=\"x\""
                : onSecond ? "mask_on=\"y\""
                : "",
            ];
        }
    }
}
