using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>What is the same along an axis is computed once and not once an element.</summary>
public static class RepeatOutward
{
    /// <summary>Element by element, the other operand repeats it anyway.</summary>
    public static Rule IntoElements { get; } =
        new(
            "repeat in sum",
            "repeat(x) + y = x + y where y has the axes",
            node =>
                node is { Operation: Add or Multiply, Operands: var operands }
                && operands.Exists(o => o.Operation is Repeat)
                    ? Some(
                        new Node(node.Operation, operands.Map(o => o.Operation is Repeat ? o.Operands[0] : o)).As(
                            node.Shape
                        )
                    )
                    : None
        );

    /// <summary>Past any operation that does not mix the repeated axes.</summary>
    public static Rule Past { get; } =
        new(
            "repeat past",
            "f(repeat(x)) = repeat(f(x)) where f acts on each element of the axis by itself",
            node =>
                node
                    is {
                        Operation.ReducedAxes: { } mixes,
                        Operands: [{ Operation: Repeat(var along) } repeat, .. var rest]
                    }
                && node.Operation is not (Add or Multiply)
                && along.Axes.ForAll(a => !mixes.Contains(a) && rest.ForAll(o => !o.Shape.Has(a)))
                    ? Some(new Node(node.Operation, [repeat.Operands[0], .. rest]).As(node.Shape))
                    : None
        );

    /// <summary>The mean of equals is one of them.</summary>
    public static Rule Mean { get; } =
        new(
            "mean of repeat",
            "mean_n x = x",
            node =>
                node
                    is {
                        Operation: Reduce(Reduction.Mean or Reduction.Max, var axes),
                        Operands: [{ Operation: Repeat(var along), Operands: [var x] } repeat, .. var present]
                    }
                && axes.ForAll(a => along.Has(a) && !x.Shape.Has(a))
                && present.ForAll(p => p.IsCertain(axes))
                    ? Some(repeat.Operands[0].As(node.Shape))
                    : None
        );
}
