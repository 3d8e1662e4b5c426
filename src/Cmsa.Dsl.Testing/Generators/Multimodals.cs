using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>
/// Random layers from a feature map and words to a feature map: attention, memories and pooling over the words.
/// </summary>
internal static class Multimodals
{
    public static Gen<Layer<(FeatureMap, Words), FeatureMap>> Any(Map map, int depth) =>
        Choice.Of(
            depth,
            [() => Pooled(map, depth), () => Pooled(map, depth), () => Pooled(map, depth), () => Pooled(map, depth)],
            [
                () => Pooled(map, depth),
                () => Pooled(map, depth),
                () =>
                    from f in Pooled(map, depth - 1)
                    from g in Maps.Chain(map, depth - 1)
                    select (f & (new First<FeatureMap, Words>() >> g)) >> ResizeLike,
                () =>
                    from f in Pooled(map, depth - 1)
                    from kernel in Gen.Elements(1, 3)
                    select (f >> Conv(map.Channels, kernel) >> Resize(map.Rows, map.Columns))
                        + new First<FeatureMap, Words>(),
                () => Named.Randomly(Pooled(map, depth - 1)),
                () => from f in Pooled(map, depth - 1) select (f & f) >> Join<FeatureMap>(),
            ]
        );

    private static Gen<Layer<(FeatureMap, Words), FeatureMap>> Pooled(Map map, int depth) =>
        from target in Map.Any
        from see in Maps.To(map, target, depth - 1)
        from read in Expressions.Chain(depth - 1)
        from plain in Choice.Coin
        from positions in Choice.Coin
        from length in Gen.Choose(0, 2)
        from steps in Gen.ListOf(Step(depth), length)
        from pool in Gen.Elements(
            WordMean,
            Pool(WordMax),
            Pool(new WordPool(Reduction.Sum)),
            Pool(LastMap),
            WordMean,
            WordMean
        )
        from channels in Gen.Choose(1, 4)
        from tail in Gen.Elements(Identity<FeatureMap>(), Conv(channels, 1) >> Relu, Conv(channels, 3))
        select (plain ? Identity<FeatureMap>() * Identity<Words>() : see * read)
            >> new MultimodalFeature(positions)
            >> steps.Aggregate(Identity<WordMaps>(), (chain, step) => chain >> step)
            >> pool
            >> tail;

    private static Layer<WordMaps, FeatureMap> Pool(Layer<WordMaps, FeatureMap> pool) => pool;

    private static Gen<Layer<WordMaps, WordMaps>> Step(int depth) =>
        Choice.Of(
            depth,
            [
                () => Attention,
                () => Attention.Select(f => Residual(f)),
                () => Attention.Select(f => Residual(f)),
                () =>
                    from hidden in Gen.Choose(1, 3)
                    from step in Gen.Elements(Lstm<WordMaps>(hidden), Lstm<WordMaps>(hidden, peepholes: true), Gru<WordMaps>(hidden))
                    select Each(step),
                () =>
                    from channels in Gen.Choose(1, 4)
                    from bias in Choice.Coin
                    select Each(Linear<WordMaps>(channels, bias)),
                () => Functions.Any.Select(Elementwise<WordMaps>.Of),
                () => Gen.Elements(Each(Normalise<WordMaps>()), Each(Gain<WordMaps>(0.5))),
                () => from label in Choice.Label select Each(new Probe<WordMaps>(label)),
                () =>
                    from channels in Gen.Choose(1, 4)
                    from kernel in Gen.Elements(1, 3)
                    select Each(EachWord(Conv(channels, kernel) >> BatchNorm() >> Relu)),
            ],
            [
                () =>
                    from target in Map.Any
                    from f in Maps.To(target, target, depth - 1)
                    select Each(EachWord(Conv(target.Channels, 1) >> Resize(target.Rows, target.Columns) >> f)),
                () => Named.Randomly(Attention),
                () =>
                    from c in Gen.Choose(1, 3)
                    from f in Attention
                    from g in Attention
                    select Linear<WordMaps>(c) >> ((f + g) >> Residual(f)),
                () => Named.Twice(Attention),
            ]
        );

    private static Gen<Layer<WordMaps, WordMaps>> Attention { get; } =
        from over in Gen.Elements(
            AttentionScope.None,
            AttentionScope.Words,
            AttentionScope.Pixels,
            AttentionScope.Pairs,
            AttentionScope.All
        )
        from heads in Gen.Elements(1, 1, 2)
        from width in Gen.Choose(1, 2)
        from pooled in Gen.Elements(false, false, true)
        select pooled
            ? PooledAttention(heads * width, over == AttentionScope.Pairs ? AttentionScope.All : over)
            : Each(SelfAttention(heads * width, over, heads));

    private static Layer<WordMaps, WordMaps> Each(Layer<WordMaps, WordMaps> layer) => layer;
}
