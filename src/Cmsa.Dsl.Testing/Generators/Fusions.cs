using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Testing.Generators;

/// <summary>Random layers from the levels of a backbone to one map.</summary>
internal static class Fusions
{
    private static readonly Many<string> names = ["low", "mid", "high"];

    public static Gen<(Layer<Levels<FeatureMap>, FeatureMap> Layer, InputSpec Extent)> Any(int depth) =>
        from count in Gen.Elements(1, 2, 2, 3)
        from maps in Gen.ListOf(Map.Any, count)
        from layer in Of(names.Take(count), [.. maps], depth)
        select (layer, InputSpec.Levels([.. names.Zip([.. maps], (name, map) => (name, map.Extent))]));

    /// <summary>A backbone of two or three stages, and a fusion of its levels.</summary>
    public static Gen<Layer<FeatureMap, FeatureMap>> Backbone(Map map, int depth) =>
        from first in Maps.To(map, new Map(2, 3, 3), depth - 1)
        from second in Maps.To(new Map(2, 3, 3), new Map(3, 2, 2), depth - 1)
        from named in Choice.Coin
        let backbone = new Taps([new Stage("layer1", first, "low"), new Stage("layer2", second, "mid")])
        from fusion in Of(["low", "mid"], [new Map(2, 3, 3), new Map(3, 2, 2)], depth)
        select (named ? backbone.Named("backbone") : backbone) >> fusion;

    private static Gen<Layer<Levels<FeatureMap>, FeatureMap>> Of(Many<string> levels, Many<Map> maps, int depth) =>
        Choice.Of(
            () => Fused(levels, maps, depth),
            () => Fused(levels, maps, depth),
            () =>
                from level in Gen.Choose(0, levels.Count - 1)
                from f in Maps.Chain(maps[level], depth - 1)
                select Pick(levels[level]) >> f
        );

    // All levels are brought to one size, one of them perhaps by a layer of its own, worked on, and fused by a formula.
    private static Gen<Layer<Levels<FeatureMap>, FeatureMap>> Fused(Many<string> levels, Many<Map> maps, int depth) =>
        from target in Map.Any
        from body in Maps.To(target, target, depth - 1)
        from level in Gen.Choose(0, levels.Count - 1)
        from special in Maps.To(maps[level], target, depth - 1)
        from isSpecial in Choice.Coin
        from twice in Choice.Coin
        from more in Maps.To(target, target, 0)
        from formula in Formulas.OfLevels(target, levels)
        from named in Choice.Coin
        let general = Conv(target.Channels, 1) >> Resize(target.Rows, target.Columns) >> body
        let each = isSpecial ? EachLevel(general, (levels[level], special)) : EachLevel(general)
        let all = twice ? each >> EachLevel(Identity<FeatureMap>(), (levels[level], more)) : each
        select all >> (named ? formula.Named("fusion") : formula);
}
