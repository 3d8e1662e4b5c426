using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>The mean of distributions that share most of their logits is computed from the factors of their exponentials, none of them by itself.</summary>
public static class MeanOfSoftmax
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } = new(
        "mean of softmax",
        "mean_n softmax_j(x_ij + y_nj) = e^x_ij sum_n e^y_nj / (N sum_j e^x_ij e^y_nj)",
        value => value is { Operation: Reduce(Reduction.Mean, var averaged), Operands: [{ Operation: Softmax(var axes) } softmax, .. var present] }
                && present.ForAll(p => p.Shape.Axes.ForAll(a => a == Axis.Batch || averaged.Contains(a)))
                && softmax.Operands.Tail.ForAll(m => m.Shape.Axes.ForAll(a => a == Axis.Batch || axes.Contains(a)))
                && softmax.Operands[0].Groups is var groups
                && groups.Filter(g => averaged.ForAll(a => !g.Shape.Has(a))) is { IsEmpty: false } shared
                && groups.Filter(g => averaged.Exists(g.Shape.Has)) is { IsEmpty: false } own
                && shared.Sum() is var x && own.Sum() is var y
                && averaged.ForAll(y.Shape.Has) && axes.ForAll(a => x.Shape.Has(a) && y.Shape.Has(a))
                && x.Shape.Axes.Exists(a => !y.Shape.Has(a))
            ? Some(new Value(new AverageSoftmax(axes, averaged, !present.IsEmpty, softmax.Operands.Count > 1), [x, y, .. present, .. softmax.Operands.Tail]).As(value.Shape))
            : None);
}
