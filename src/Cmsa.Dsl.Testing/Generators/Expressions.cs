using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>Random layers from words to words.</summary>
internal static class Expressions
{
    public static Gen<Layer<Words, Words>> Chain(int depth) =>
        from length in Gen.Choose(1, 1 + Math.Max(1, depth))
        from steps in Gen.ListOf(Step(depth), length)
        select steps.Aggregate(Identity<Words>(), (chain, step) => chain >> step);

    private static Gen<Layer<Words, Words>> To(int channels, int depth) =>
        from chain in Steady(depth - 1)
        from bias in Choice.Coin
        select chain >> Linear<Words>(channels, bias);

    // What may follow anything, as it does not need a width: the width of what comes before is not looked at.
    private static Gen<Layer<Words, Words>> Step(int depth) =>
        Choice.Of(
            depth,
            [
                () => Leaf,
                () => Leaf,
                () =>
                    Gen.Elements(
                        Whole(SentenceMean >> AsWord),
                        Whole(LastWord >> AsWord),
                        Whole(new SentencePool(Reduction.Max) >> Linear<Sentence>(3) >> AsWord),
                        Whole(new SentencePool(Reduction.Sum) >> Relu >> AsWord)
                    ),
            ],
            [() => Branch(depth)]
        );

    /// <summary>Steps that keep how many words there are.</summary>
    private static Gen<Layer<Words, Words>> Steady(int depth) => Choice.Of(depth, [() => Leaf], [() => Branch(depth)]);

    private static Gen<Layer<Words, Words>> Leaf { get; } =
        Choice.Of(
            () =>
                from channels in Gen.Choose(1, 4)
                from bias in Choice.Coin
                select Whole(Linear<Words>(channels, bias)),
            () => from hidden in Gen.Choose(1, 4) from peepholes in Choice.Coin select Whole(Lstm<Words>(hidden, peepholes: peepholes)),
            () => from hidden in Gen.Choose(1, 4) from after in Choice.Coin select Whole(Gru<Words>(hidden, after)),
            () => Functions.Any.Select(Elementwise<Words>.Of),
            () => Gen.Elements(Whole(Normalise<Words>()), Whole(Gain<Words>(2)), Whole(Dropout<Words>(0.3))),
            () => from label in Choice.Label select Whole(new Probe<Words>(label))
        );

    private static Gen<Layer<Words, Words>> Branch(int depth) =>
        Choice.Of(
            () => from c in Gen.Choose(1, 4) from f in To(c, depth - 1) from g in To(c, depth - 1) select f + g,
            () =>
                from c in Gen.Choose(1, 4)
                from f in To(c, depth - 1)
                from g in To(c, depth - 1)
                select f >> Residual(g),
            () => from f in Steady(depth - 1) from g in Steady(depth - 1) select (f & g) >> Join<Words>(),
            () =>
                from f in Steady(depth - 1)
                from first in Choice.Coin
                select (first ? Everyone & f : f & Everyone) >> Join<Words>(),
            () =>
                from c in Gen.Choose(1, 4)
                from f in To(c, depth - 1)
                from first in Choice.Coin
                let one = Everyone >> Linear<Words>(c)
                select (first ? one & f : f & one) >> Define<Words, Words, Words>((x, y) => x + Tanh(y)),
            () =>
                from c in Gen.Choose(1, 4)
                from f in To(c, depth - 1)
                from g in To(c, depth - 1)
                from mix in Choice.Label
                select (f & g) >> Define<Words, Words, Words>((x, y) => Sigmoid(x) * y - Learnable(mix, 0.3) * x),
            () => Named.Randomly(Steady(depth - 1)),
            () => from c in Gen.Choose(1, 4) from f in Named.Twice(To(c, depth - 1)) select f
        );

    // One word for all of them, beside which there may be many.
    private static Layer<Words, Words> Everyone { get; } = SentenceMean >> AsWord;

    private static Layer<Words, Words> Whole(Layer<Words, Words> layer) => layer;
}
