using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;
using LanguageExt;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>The sizes of a feature map.</summary>
internal readonly record struct Map(int Channels, int Rows, int Columns)
{
    public InputSpec Extent => InputSpec.FeatureMap(Channels, Rows, Columns);

    public static Gen<Map> Any { get; } =
        from channels in Gen.Choose(1, 4)
        from rows in Gen.Choose(1, 5)
        from columns in Gen.Choose(1, 5)
        select new Map(channels, rows, columns);

    /// <summary>The sizes of what a layer makes of this map; none where it does not fit.</summary>
    public Map? After(Layer<FeatureMap, FeatureMap> layer) =>
        layer
            .At(Extent)
            .ToOption()
            .Map(graph => graph.Output.Node.Shape)
            .Map(s => new Map(s[Axis.Channel], s[Axis.Row], s[Axis.Column]))
            .ToNullable();
}

/// <summary>Random layers from feature map to feature map, each of which fits the map that it is made for.</summary>
internal static class Maps
{
    private const int Largest = 8;

    /// <summary>A few steps one after the other.</summary>
    public static Gen<Layer<FeatureMap, FeatureMap>> Chain(Map map, int depth) =>
        from length in Gen.Choose(1, 1 + Math.Max(1, depth))
        from chain in Steps(Identity<FeatureMap>(), map, length, depth)
        select chain;

    /// <summary>A few steps that end in a map of these sizes.</summary>
    public static Gen<Layer<FeatureMap, FeatureMap>> To(Map map, Map target, int depth) =>
        from chain in Chain(map, depth - 1)
        from kernel in Gen.Elements(1, 3)
        from bias in Choice.Coin
        select chain >> Conv(target.Channels, kernel, bias: bias) >> Resize(target.Rows, target.Columns);

    private static Gen<Layer<FeatureMap, FeatureMap>> Steps(
        Layer<FeatureMap, FeatureMap> sofar,
        Map map,
        int length,
        int depth
    ) =>
        length == 0
            ? Gen.Constant(sofar)
            : from step in Step(map, depth)
              from rest in map.After(step) is { Rows: <= Largest, Columns: <= Largest, Channels: <= 2 * Largest } after
                  ? Steps(sofar >> step, after, length - 1, depth)
                  : Steps(sofar, map, length - 1, depth)
              select rest;

    private static Gen<Layer<FeatureMap, FeatureMap>> Step(Map map, int depth) =>
        Choice.Of(
            depth,
            [
                () => Convolution(map),
                () => Convolution(map),
                () => Functions.Any.Select(Elementwise<FeatureMap>.Of),
                () => Choice.Coin.Select(fixedNorm => Plain(BatchNorm(fixedNorm))),
                () =>
                    Gen.Elements(
                        Plain(Normalise<FeatureMap>()),
                        Plain(Gain<FeatureMap>(0.5)),
                        Plain(Dropout<FeatureMap>(0.5)),
                        Plain(WithPositions)
                    ),
                () => from label in Choice.Label select Plain(new Probe<FeatureMap>(label)),
                () =>
                    from count in Choice.Divisor(map.Channels)
                    from index in Gen.Choose(0, count - 1)
                    select Plain(Chunk(index, count)),
                () =>
                    from channels in Gen.Choose(1, 4)
                    from bias in Choice.Coin
                    select Plain(Linear<FeatureMap>(channels, bias)),
                () => Pooling,
                () =>
                    from rows in Gen.Choose(1, 6)
                    from columns in Gen.Choose(1, 6)
                    from alignment in Gen.Elements(Enum.GetValues<Alignment>())
                    select Plain(Resize(rows, columns, alignment)),
                () =>
                    Gen.Elements(
                        Plain(ConvTranspose(2, 4, 2, 1)),
                        Plain(ConvTranspose(1, 3, 1, 1)),
                        Plain(ConvTranspose(3, 2, 2))
                    ),
            ],
            [
                () => To(map, map, depth - 1).Select(f => Residual(f)),
                () =>
                    from target in Map.Any
                    from f in To(map, target, depth - 1)
                    from g in To(map, target, depth - 1)
                    select f + g,
                () =>
                    from target in Map.Any
                    from f in To(map, target, depth - 1)
                    from g in To(map, target with { Channels = 2 }, depth - 1)
                    select (f & g) >> Join<FeatureMap>(),
                () => from f in Chain(map, depth - 1) from g in Chain(map, depth - 1) select (f & g) >> ResizeLike,
                () =>
                    from target in Map.Any
                    from f in To(map, target with { Channels = 1 }, depth - 1)
                    from g in To(map, target, depth - 1)
                    select (f & g)
                        >> Define<FeatureMap, FeatureMap, FeatureMap>(
                            (x, y) => Sigmoid(x) * y + (1 - Sigmoid(x)) * Tanh(y)
                        ),
                () =>
                    from f in Chain(map, depth - 1)
                    from g in Chain(map, depth - 1)
                    from first in Choice.Coin
                    select (Identity<FeatureMap>() & Identity<FeatureMap>()) >> (f * g) >> (first ? Fst : Snd),
                () =>
                    from bins in Gen.Choose(1, 3)
                    select (Identity<FeatureMap>() & (AdaptiveAveragePool(bins) >> Resize(map.Rows, map.Columns)))
                        >> Join<FeatureMap>(),
                () => Formulas.OfOne(map, depth - 1),
                () => Named.Randomly(Chain(map, depth - 1)),
                () => Named.Twice(To(map, map, depth - 1)),
                () =>
                    from f in To(map, map, depth - 1)
                    from count in Gen.Choose(1, 3)
                    from shared in Choice.Coin
                    from label in Choice.Label
                    select Repeat(count, f >> Tanh, shared).Named(label),
                () => Fusions.Backbone(map, depth - 1),
            ]
        );

    private static Layer<(FeatureMap, FeatureMap), FeatureMap> Fst { get; } = new First<FeatureMap, FeatureMap>();

    private static Layer<(FeatureMap, FeatureMap), FeatureMap> Snd { get; } = new Second<FeatureMap, FeatureMap>();

    private static Gen<Layer<FeatureMap, FeatureMap>> Convolution(Map map) =>
        from channels in Gen.Choose(1, 4)
        from kernel in Sides(Gen.Elements(1, 3))
        from stride in Sides(Gen.Elements(1, 1, 2))
        from dilation in Sides(Gen.Elements(1, 1, 2))
        from groups in Choice.Divisor(channels, map.Channels)
        from bias in Choice.Coin
        select Plain(Conv(channels, kernel, stride, dilation, groups, bias));

    private static Gen<Layer<FeatureMap, FeatureMap>> Pooling { get; } =
        Choice.Of(
            () =>
                from reduction in Gen.Elements(Reduction.Max, Reduction.Mean)
                from kernel in Sides(Gen.Choose(1, 3))
                from stride in Sides(Gen.Choose(1, 2))
                from padding in Gen.Choose(0, kernel.Least / 2)
                from ceiling in Choice.Coin
                from dilation in reduction == Reduction.Max ? Sides(Gen.Elements(1, 1, 2)) : Gen.Constant<Extent2>(1)
                select Plain(new Pool(reduction, kernel, stride, padding, ceiling, dilation)),
            () =>
                from reduction in Gen.Elements(Reduction.Max, Reduction.Mean)
                from kernel in Sides(Gen.Choose(1, 3))
                from stride in Sides(Gen.Choose(1, 2))
                from padding in Gen.Elements(AutoPad.SameUpper, AutoPad.SameLower)
                select Plain(new PaddedPool(reduction, kernel, stride, padding)),
            () =>
                from reduction in Gen.Elements(Reduction.Max, Reduction.Mean)
                from rows in Gen.Choose(1, 3)
                from columns in Gen.Choose(1, 3)
                select Plain(new AdaptivePool(reduction, rows, columns))
        );

    // Mostly squares.
    private static Gen<Extent2> Sides(Gen<int> number) =>
        from rows in number
        from columns in number
        from square in Gen.Elements(true, true, false)
        select new Extent2(rows, square ? rows : columns);

    private static Layer<FeatureMap, FeatureMap> Plain(Layer<FeatureMap, FeatureMap> layer) => layer;
}
