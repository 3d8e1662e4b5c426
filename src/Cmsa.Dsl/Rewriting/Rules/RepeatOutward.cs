using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>What is the same along an axis is computed once and not once an element.</summary>
public static class RepeatOutward
{
    private static readonly Variable<Node> x = new("x"),
        y = new("y");
    private static readonly Variable<Many<Node>> rest = new("y"),
        masks = new("mask");
    private static readonly Variable<Operation> f = new("f");
    private static readonly Variable<Repeat> repeat = new("repeat");
    private static readonly Variable<Reduce> reduce = new("mean");

    /// <summary>Element by element, the other operand repeats it anyway.</summary>
    public static Rule IntoElements { get; } =
        new Rule("repeat in sum", f.OneOf([typeof(Add), typeof(Multiply)], [x, y]))
            .Pays(
                "an operand is repeated",
                at => x.In(at).Operation is Repeat || y.In(at).Operation is Repeat,
                refused: () => Data("x", R(2)) + Data("y", R(2))
            )
            .Becomes(at => new(f.In(at), Once(x.In(at)), Once(y.In(at))))
            .Example(() => Data("x", R(2)).As(new(K(3))) + Data("y", K(3)))
            .Example(() => Data("x", R(2)) * Data("y", R(1)).As(new(R(2), K(3))));

    /// <summary>Past any operation that does not mix the repeated axes.</summary>
    public static Rule Past { get; } =
        new Rule("repeat past", f.On(o => o is not (Add or Multiply), [repeat.On(x)], rest))
            .When(
                "it is known which axes the operation mixes",
                at => f.In(at).ReducedAxes is not null,
                refused: () => Data("x", C(2), R(2), K(2)).As(new(N(3))).BatchNorm(2)
            )
            .When(
                "the operation mixes none of the repeated axes",
                at => repeat.In(at).Along.Axes.ForAll(a => f.In(at).ReducedAxes is not { } mixes || !mixes.Contains(a)),
                refused: () => Data("x", N(1), C(2)).As(new(N(3))).SumOver(Axis.Word)
            )
            .Becomes(at => new(f.In(at), [x.In(at), .. rest.In(at)]))
            .Example(() => Data("x", C(2)).As(new(R(3))).Map(Function.Tanh))
            .Example(() => Data("x", C(2)).As(new(R(3))).Linear(Weight("W", 3, 2)))
            .Example(() => Data("x", C(2), J(2)).As(new(R(3))).Softmax([Axis.Word.Prime], Some(Mask("m", J(2)))));

    /// <summary>The mean of equals is one of them.</summary>
    public static Rule Mean { get; } =
        new Rule("mean of repeat", reduce.On(r => r.Reduction != Reduction.Sum, [repeat.On(x)], masks))
            .When(
                "the mask is true somewhere",
                at => masks.In(at).ForAll(m => m.IsCertain(reduce.In(at).Axes)),
                refused: () => Data("x", C(2)).As(new(R(3))).Reduce(Reduction.Mean, [Axis.Row], Mask("m", R(3)))
            )
            .Becomes(x)
            .Example(() => Data("x", C(2)).As(new(N(3))).Mean(Axis.Word))
            .Example(() => Data("x", C(2)).As(new(N(3))).Reduce(Reduction.Max, [Axis.Word], Mask("m", N(3))))
            // Where one word is there, no other is.
            .NotAt(() =>
                Data("x", C(2))
                    .As(new(J(3)))
                    .Reduce(
                        Reduction.Mean,
                        [Axis.Word.Prime],
                        new Node(new NotEqual(new(N(3)))).And(Mask("m", N(3)).Prime([Axis.Word]))
                    )
            );

    private static Node Once(Node node) => node.Operation is Repeat ? node.Operands[0] : node;
}
