using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Attention computed without its matrix of weights.</summary>
public static class FuseAttention
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "fuse attention",
            "sum_j softmax_j(q_i . k_j) v_j = attention(q, k, v)_i",
            node =>
                node
                    is {
                        Operation: Contract(var over),
                        Operands: [{ Operation: Softmax(var axes) } weights, var values]
                    }
                && weights.Operands[0] is { Operation: Contract(var channels), Operands: [var near, var far] }
                && channels == [Axis.Channel]
                && axes == over
                && near.Shape.Has(Axis.Channel)
                && far.Shape.Has(Axis.Channel)
                && over.ForAll(a => far.Shape.Has(a) && values.Shape.Has(a) && !near.Shape.Has(a))
                && values.Shape.Has(Axis.Channel)
                && far.Shape.Axes.ForAll(values.Shape.Has)
                && values.Shape.Axes.ForAll(far.Shape.Has)
                && far.Shape.Axes.ForAll(a => over.Contains(a) || near.Shape.Has(a))
                && far.Shape.Agrees(values.Shape, far.Shape.Axes.Filter(a => a != Axis.Channel))
                && far.Shape.Agrees(near.Shape, far.Shape.Axes.Filter(a => !over.Contains(a)))
                && weights.Operands.Tail.ForAll(m =>
                    m.Shape.Axes.ForAll(a => a != Axis.Channel && (over.Contains(a) || near.Shape.Has(a)))
                )
                    ? Some(new Node(new FusedAttention(over), [values, far, near] + weights.Operands.Tail))
                    : None
        );
}
