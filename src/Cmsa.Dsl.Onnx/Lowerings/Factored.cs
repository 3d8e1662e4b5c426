using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Writing;

namespace Cmsa.Dsl.Onnx.Lowerings;

/// <summary>
/// Distributions that share most of their logits, by products of the factors of their exponentials. Where a factor may
/// have underflowed, the same is computed
/// one n after the other, as the kernels do.
/// </summary>
internal static class Factored
{
    public static Value LogSumExp(FactoredLogSumExp sum, Node node, Many<Value> x, Emitter emit)
    {
        var terms = TwoTerms.Of(node, x, sum.Axes, sum.Masked, emit);
        var (first, second) = (TwoTerms.First(node, sum.Axes), TwoTerms.Second(node, sum.Axes));
        var logarithms = emit.If(terms.IsSafe(), Fast, Stable);
        var dimensions =
            terms.Z.Dimensions.Take(terms.Outer.Count)
            + first.Map(a => new Dimension(a, x[0][a]))
            + second.Map(a => new Dimension(a, x[1][a]));
        return emit.Rounded(emit.Arrange(emit.Reshape(logarithms, dimensions), node.Shape.Axes));

        Value Fast(Emitter branch)
        {
            // The greatest of each i is the same for all n, that of each n for all i.
            var top = Renamed(terms.Top, TwoTerms.J, TwoTerms.N);
            var side = branch.Arrange(Renamed(terms.Side, TwoTerms.J, TwoTerms.I), terms.Z.Axes);
            return branch.Plus(branch.Plus(branch.Each("Log", terms.Z), top), side);
        }

        Value Stable(Emitter branch)
        {
            var steps = new Dimension(TwoTerms.N, terms.Columns[TwoTerms.N]);
            var (_, given) = branch.Scan(
                [],
                [terms.Columns],
                steps,
                (step, _, part) =>
                    ([], [step.Reduce("ReduceLogSumExp", Finite(One(part[0], terms, step), step), [TwoTerms.J])])
            );
            return branch.Arrange(given[0], terms.Z.Axes);
        }
    }

    public static Value AverageSoftmax(AverageSoftmax average, Node node, Many<Value> x, Emitter emit)
    {
        var terms = TwoTerms.Of(node, x, average.Axes, average.Masked, emit);
        var (first, second) = (TwoTerms.First(node, average.Axes), TwoTerms.Second(node, average.Axes));
        var share = Share(average, node, x, terms, first, second, emit);
        var mean = emit.If(terms.IsSafe(), Fast, Stable);
        var parts = Sizes.Broadcast(average.Axes, [x[0], x[1], .. average.Masked ? (Many<Value>)[x[^1]] : []]);
        var dimensions = terms.Z.Dimensions.Take(terms.Outer.Count) + first.Map(a => new Dimension(a, x[0][a])) + parts;
        return emit.Cast(emit.Arrange(emit.Reshape(mean, dimensions), node.Shape.Axes), emit.Real);

        // E (share / Z) D
        Value Fast(Emitter branch) =>
            branch.Times(branch.MatMul(branch.Each("Div", share, terms.Z, terms.Z.Axes), terms.D), terms.E);

        Value Stable(Emitter branch)
        {
            var steps = new Dimension(TwoTerms.N, terms.Columns[TwoTerms.N]);
            // Zeros of the result's shape: all factors are finite.
            var greatest = branch.Reduce("ReduceMax", terms.Z, [TwoTerms.N], keep: true);
            var sizes = branch.Times(Renamed(greatest, TwoTerms.N, TwoTerms.J), terms.E);
            var zeros = branch.Times(sizes, branch.Number(0, sizes.Type));
            var (states, _) = branch.Scan(
                [zeros],
                [terms.Columns, share],
                steps,
                (step, sum, part) =>
                {
                    var logits = One(part[0], terms, step);
                    var absent = step.Each(
                        "Equal",
                        logits,
                        step.Number(double.NegativeInfinity, logits.Type),
                        DataType.Bool
                    );
                    var weights = step.Softmax(Finite(logits, step));
                    var present = step.Where(step.Each("Not", absent), weights, 0, weights.Axes);
                    var shared = step.Arrange(part[1], [.. part[1].Axes, TwoTerms.J]);
                    return ([step.Plus(sum[0], step.Each("Mul", present, shared, present.Axes))], []);
                }
            );
            return states[0];
        }
    }

    private static Value Renamed(Value x, Axis from, Axis to) =>
        x with
        {
            Dimensions = x.Dimensions.Map(d => d.Axis == from ? d with { Axis = to } : d),
        };

    /// <summary>
    /// What each n counts for: its share of those that count, times its factor g: <c>[outer, i or 1, n]</c>.
    /// </summary>
    private static Value Share(
        AverageSoftmax average,
        Node node,
        Many<Value> x,
        TwoTerms terms,
        Many<Axis> first,
        Many<Axis> second,
        Emitter emit
    )
    {
        var outer = terms.Outer;
        var averaged = second.Map(a => new Dimension(a, x[1][a]));
        var n = Sizes.Product(averaged);
        var type = terms.Z.Type;

        var even = emit.Expand(
            emit.Number(1.0 / n, type),
            [.. outer.Map(a => new Dimension(a, 1)), new(TwoTerms.I, 1), new(TwoTerms.N, n)]
        );
        var share = average.Counted ? Counted(x[2 + (average.Weighted ? 1 : 0)]) : even;
        if (!average.Weighted)
            return share;

        var asking = first.Map(a => new Dimension(a, x[0][a]));
        var factors = emit.Arrange(emit.Exactly(x[2]), outer + first + second);
        var whole = emit.Expand(factors, factors.Dimensions.Take(outer.Count) + asking + averaged);
        var laid = emit.Merge(emit.Merge(whole, first, TwoTerms.I, outer.Count), second, TwoTerms.N, outer.Count + 1);
        return emit.Each("Mul", share, laid, laid.Axes);

        Value Counted(Value present)
        {
            var arranged = emit.Arrange(present, outer + second);
            var every = emit.Expand(arranged, arranged.Dimensions.Take(outer.Count) + averaged);
            var flat = emit.Merge(every, second, TwoTerms.N, outer.Count);
            var counts = emit.Arrange(emit.Cast(flat, type), [.. outer, TwoTerms.I, TwoTerms.N]);
            var all = emit.AtLeast(emit.Reduce("ReduceSum", counts, [TwoTerms.N], keep: true), 1);
            return emit.Over(counts, all);
        }
    }

    /// <summary>The logits of one n: <c>[outer, i, j]</c>.</summary>
    private static Value One(Value part, TwoTerms terms, Emitter step) =>
        step.Each("Add", terms.Rows, step.Arrange(part, terms.Rows.Axes), terms.Rows.Axes);

    private static Value Finite(Value logits, Emitter step) => step.AtLeast(logits, Limits.NoLogit);
}
