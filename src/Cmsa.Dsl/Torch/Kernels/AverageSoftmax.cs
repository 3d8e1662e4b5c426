using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static long fallBacks;

    /// <summary>
    /// How often the factored softmax met logits so far apart that its factors could underflow, and took the stable
    /// way, since the process started.
    /// </summary>
    public static long FallBacks => Interlocked.Read(ref fallBacks);

    // The logarithm of nothing: low enough that its exponential is 0, and a number, so that differences of two such are
    // numbers too.
    private const double NoLogit = -1e30;

    /// <summary>
    /// With E = e^(x - max x) and D = e^(y - max y), the sum over j of E_ij D_nj is one matrix product Z, and the mean
    /// over n another one: E (G / Z) D.
    /// </summary>
    private static Kernel AverageSoftmaxOf(AverageSoftmax average, Node node)
    {
        var layout = TwoTerms.Of(node, average.Axes, average.Masked);
        var (outer, asking, averaged) = (layout.Outer, layout.First, layout.Second);
        var arrangeWeights = average.Weighted ? Arrange(node.Operands[2].Shape.Axes, outer + asking + averaged) : null;
        var counted = 2 + (average.Weighted ? 1 : 0);
        var arrangeCounted = average.Counted ? Arrange(node.Operands[counted].Shape.Axes, outer + averaged) : null;
        var back = Arrange(outer + asking + average.Axes, node.Shape.Axes);

        return (operands, _) =>
        {
            var weights = arrangeWeights?.Invoke(operands[2]);
            var present = arrangeCounted?.Invoke(operands[counted]);
            var terms = layout.Of(operands[0], operands[1], average.Masked ? operands[^1] : null, weights, present);
            var (groups, n) = (terms.Rows.shape[0], terms.Columns.shape[1]);
            Tensor share;
            if (present is null)
                share = torch.full([1, 1, n], Scalars.Of(1.0 / n), terms.Rows.dtype, terms.Rows.device);
            else
            {
                var there = present
                    .expand([.. terms.OuterSizes, .. terms.SecondSizes])
                    .reshape(groups, 1, n)
                    .to(terms.Rows.dtype);
                share = there.div(there.sum(-1, keepdim: true).clamp_min(Scalars.One));
            }
            if (weights is not null)
            {
                long[] sizes = [.. terms.OuterSizes, .. terms.FirstSizes, .. terms.SecondSizes];
                share = share.mul(weights.to(terms.Rows.dtype).expand(sizes).reshape(groups, -1, n));
            }
            return back(terms.Mean(share).reshape([.. terms.OuterSizes, .. terms.FirstSizes, .. terms.AxesSizes]))
                .to(operands[0].dtype);
        };
    }

    private static Kernel FactoredLogSumExpOf(FactoredLogSumExp sum, Node node)
    {
        var layout = TwoTerms.Of(node, sum.Axes, sum.Masked);
        var back = Arrange(layout.Outer + layout.First + layout.Second, node.Shape.Axes);
        return (operands, _) =>
        {
            var terms = layout.Of(operands[0], operands[1], sum.Masked ? operands[^1] : null);
            return back(terms.LogSumExp().reshape([.. terms.OuterSizes, .. terms.FirstSizes, .. terms.SecondSizes]))
                .to(operands[0].dtype);
        };
    }

    private static Kernel LogSumExpOf(LogSumExp sum, Node node)
    {
        var whole = node.Operands.Map(o => o.Shape).Whole;
        var axes = sum.Axes.Map(a => (long)At(whole, a)).ToArray();
        var align = node.Operands.Map(o => Align(o.Shape, whole)).ToArray();
        return (x, _) =>
        {
            var logits =
                align.Length > 1 ? Masked(align[0](x[0]), align[1](x[1]))
                : axes.Length == 0 ? x[0].clone()
                : align[0](x[0]);
            return Squeeze(axes.Aggregate(logits, (y, axis) => y.logsumexp(axis, keepdim: true)), axes);
        };

        static Tensor Masked(Tensor logits, Tensor mask) =>
            logits
                .add(torch.zeros_like(mask, logits.dtype), Scalars.One)
                .masked_fill(mask.bitwise_not(), Scalars.Of(NoLogit));
    }

    /// <summary>
    /// How logits x_ij + y_nj are laid out for products of matrices: <c>[outer, i, j]</c> and <c>[outer, n, j]</c>.
    /// </summary>
    private sealed class TwoTerms
    {
        private readonly Func<Tensor, Tensor> arrangeX,
            arrangeY;
        private readonly Func<Tensor, Tensor>? arrangeMask;
        private readonly bool maskOnFirst,
            maskOnSecond;
        private readonly int axes;

        /// <summary>The layout of an operation of two terms, and a mask as its last operand.</summary>
        public static TwoTerms Of(Node node, Many<Axis> axes, bool masked) =>
            new(
                node.Operands[0].Shape,
                node.Operands[1].Shape,
                axes,
                masked ? node.Operands[^1].Shape : null,
                node.Operands.Exists(o => o.Shape.Has(Axis.Batch))
            );

        private TwoTerms(Shape x, Shape y, Many<Axis> axes, Shape? mask, bool hasBatch)
        {
            Outer = x.Axes.Filter(a => !axes.Contains(a) && y.Has(a));
            First = x.Axes.Filter(a => !axes.Contains(a) && !y.Has(a) && a != Axis.Batch);
            Second = y.Axes.Filter(a => !axes.Contains(a) && !x.Has(a) && a != Axis.Batch);
            if (!Outer.Contains(Axis.Batch) && hasBatch)
                Outer = [Axis.Batch, .. Outer];
            this.axes = axes.Count;
            (arrangeX, arrangeY) = (Arrange(x.Axes, Outer + First + axes), Arrange(y.Axes, Outer + Second + axes));
            if (mask is null)
                return;
            (maskOnFirst, maskOnSecond) = (First.Exists(mask.Has), Second.Exists(mask.Has));
            arrangeMask = Arrange(
                mask.Axes,
                Outer
                    + (
                        maskOnFirst ? First
                        : maskOnSecond ? Second
                        : []
                    )
                    + axes
            );
        }

        public Many<Axis> Outer { get; }

        public Many<Axis> First { get; }

        public Many<Axis> Second { get; }

        /// <param name="first">The first term.</param>
        /// <param name="second">The second term.</param>
        /// <param name="mask">Which elements take part.</param>
        /// <param name="beside">
        /// What is combined with the result, outer axes first: it may have more samples than the terms.
        /// </param>
        public Laid Of(Tensor first, Tensor second, Tensor? mask, params Tensor?[] beside)
        {
            Tensor x = arrangeX(first),
                y = arrangeY(second);
            // Half precision has the range but not the digits that sums of thousands of exponentials need.
            if (x.dtype == ScalarType.BFloat16)
                (x, y) = (x.to(ScalarType.Float32), y.to(ScalarType.Float32));
            var m = mask is null ? null : arrangeMask!(mask);
            Tensor?[] all = [x, y, m, .. beside];
            var outer = Enumerable.Range(0, Outer.Count).Select(d => all.Max(t => t?.shape[d] ?? 1)).ToArray();
            var (i, n, j) = (x.shape[Outer.Count..^axes], y.shape[Outer.Count..^axes], x.shape[^axes..]);
            Tensor rows = Flat(x, outer, i, j),
                columns = Flat(y, outer, n, j);
            if (m is not null)
            {
                var absent = Flat(
                        m,
                        outer,
                        maskOnFirst ? i
                            : maskOnSecond ? n
                            : [],
                        j
                    )
                    .bitwise_not();
                if (!maskOnSecond)
                    rows = rows.masked_fill(absent, Scalars.Of(double.NegativeInfinity));
                if (!maskOnFirst)
                    columns = columns.masked_fill(absent, Scalars.Of(double.NegativeInfinity));
            }
            return new Laid(rows, columns, outer, i, n, j);
        }

        private static Tensor Flat(Tensor x, long[] outer, long[] middle, long[] inner) =>
            x.expand([.. outer, .. middle, .. inner])
                .reshape(
                    outer.Aggregate(1L, (a, b) => a * b),
                    middle.Aggregate(1L, (a, b) => a * b),
                    inner.Aggregate(1L, (a, b) => a * b)
                );
    }

    /// <summary>Logits of two terms, laid out; -infinity where an element takes no part.</summary>
    private sealed record Laid(
        Tensor Rows,
        Tensor Columns,
        long[] OuterSizes,
        long[] FirstSizes,
        long[] SecondSizes,
        long[] AxesSizes
    )
    {
        // Below this a denominator may have lost what its factors underflowed, or its square in the gradient would;
        // both are then far from it.
        private double Limit => Rows.dtype == ScalarType.Float64 ? 1e-100 : 1e-12;

        public Tensor Mean(Tensor share)
        {
            if (Factors() is var (e, d, z, _, _))
                return Times(share.div(z).matmul(d), e);
            Tensor? mean = null;
            for (var n = 0; n < Columns.shape[1]; n++)
            {
                var one = One(n).softmax(-1).masked_fill(Absent(n), Scalars.Of(0.0)).mul(share.narrow(2, n, 1));
                mean = mean is null ? one : mean.add(one, Scalars.One);
            }
            return mean!;
        }

        public Tensor LogSumExp()
        {
            if (Factors() is var (_, _, z, top, side))
                return z.log().add(top, Scalars.One).add(side.transpose(1, 2), Scalars.One);
            return torch.stack([.. Enumerable.Range(0, (int)Columns.shape[1]).Select(n => One(n).logsumexp(-1))], -1);
        }

        /// <summary>
        /// The factors of all exponentials and their sums, unless one of these is so small that the factors may have
        /// underflowed.
        /// </summary>
        private (Tensor E, Tensor D, Tensor Z, Tensor Top, Tensor Side)? Factors()
        {
            if (DeferredChecks.Current is { AreStable: true })
                return Underflowing();
            Tensor top = Peak(Rows),
                side = Peak(Columns);
            Tensor e = Rows.sub(top).exp_(),
                d = Columns.sub(side).exp_();
            var z = e.matmul(d.transpose(1, 2));
            var least = z.detach().flatten().amin([0]);
            if (DeferredChecks.Current is { } later)
                later.Add(least.ge(Scalars.Of(Limit)));
            else if (!(least.to(ScalarType.Float64).item<double>() >= Limit))
                return Underflowing();
            return (e, d, z, top, side);
        }

        private static (Tensor, Tensor, Tensor, Tensor, Tensor)? Underflowing()
        {
            Interlocked.Increment(ref fallBacks);
            return null;
        }

        // Where gradients are kept, the product needs both factors again.
        private static Tensor Times(Tensor made, Tensor factor) =>
            made.requires_grad || factor.requires_grad ? made.mul(factor) : made.mul_(factor);

        private Tensor One(int n)
        {
            var logits = Rows.add(Columns.narrow(1, n, 1), Scalars.One);
            return logits.masked_fill(logits.eq(Scalars.Of(double.NegativeInfinity)), Scalars.Of(NoLogit));
        }

        private Tensor Absent(int n) =>
            Rows.add(Columns.narrow(1, n, 1), Scalars.One).eq(Scalars.Of(double.NegativeInfinity));

        /// <summary>
        /// The greatest of each row, as a number that takes no part in gradients; a finite one for a row of nothing.
        /// </summary>
        private static Tensor Peak(Tensor x) => x.detach().amax([-1], keepdim: true).clamp_min(Scalars.Of(NoLogit));
    }
}
