using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing.Generators;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// Random layers with sizes that they fit, small enough for many: <c>[Property(Arbitrary = [typeof(Layers)])]</c>. They
/// shrink by leaving out steps, terms, names and places as long as what is left fits.
/// </summary>
public static class RandomLayers
{
    /// <summary>Of feature maps.</summary>
    public static Arbitrary<Example<FeatureMap, FeatureMap>> Maps() =>
        From(from map in Map.Any from layer in Generators.Maps.Chain(map, 2) select (layer, map.Extent));

    /// <summary>Of words.</summary>
    public static Arbitrary<Example<Words, Words>> Expressions() =>
        From(
            from words in Gen.Choose(1, 5)
            from channels in Gen.Choose(1, 4)
            from layer in Generators.Expressions.Chain(2)
            select (layer, InputSpec.Words(words, channels))
        );

    /// <summary>Of a feature map and words.</summary>
    public static Arbitrary<Example<(FeatureMap, Words), FeatureMap>> Multimodals() =>
        From(
            from map in Map.Any
            from words in Gen.Choose(1, 4)
            from channels in Gen.Choose(1, 3)
            from layer in Generators.Multimodals.Any(map, 1)
            select (layer, map.Extent & InputSpec.Words(words, channels))
        );

    /// <summary>Of the levels of a backbone.</summary>
    public static Arbitrary<Example<Levels<FeatureMap>, FeatureMap>> Fusions() => From(Generators.Fusions.Any(2));

    /// <summary>Layers of feature maps that fit a map of two channels, five rows and four columns.</summary>
    public static Arbitrary<Layer<FeatureMap, FeatureMap>> LayersOfMaps() =>
        Arb.From(Generators.Maps.Chain(new Map(2, 5, 4), 2), f => Shrinking.Of(f, new Map(2, 5, 4).Extent));

    /// <summary>Layers of words that fit any expression.</summary>
    public static Arbitrary<Layer<Words, Words>> LayersOfWords() =>
        Arb.From(Generators.Expressions.Chain(2), f => Shrinking.Of(f, InputSpec.Words(3, 2)));

    /// <summary>
    /// Programs of bare operations, for laws of rules: every program that a layer of one's own could elaborate to. They
    /// shrink to their parts.
    /// </summary>
    public static Arbitrary<Graph> Programs() => Arb.From(Generators.Values.Program, Generators.Values.Smaller);

    /// <summary>
    /// Graphs that look like what a rule looks for, and hardly otherwise. They shrink to their parts.
    /// </summary>
    public static Arbitrary<Graph> ProgramsNear(Rule rule) => Arb.From(NearRules.Of(rule), Generators.Values.Smaller);

    private static Arbitrary<Example<A, B>> From<A, B>(Gen<(Layer<A, B> Layer, InputSpec Extent)> generator) =>
        Arb.From(
            from seed in Gen.Choose(0, 1_000_000)
            from example in generator
            where example.Layer.At(example.Extent).IsSuccess
            select new Example<A, B>(example.Layer, example.Extent, seed),
            Shrinking.Of
        );
}
