#!/usr/bin/env dotnet
#:project ../src/Cmsa.Dsl.Testing/Cmsa.Dsl.Testing.csproj
// Two layers of one's own, one said in the language and one that is new to it, held to the laws of all layers. dotnet
// run examples/laws.cs
using Cmsa;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Fluent;
using LanguageExt;
using static Cmsa.Dsl.Layers.Syntax;

// Squeeze and excitation (Hu et al. 2018): each channel times a gate that all places decide together.
Layer<FeatureMap, FeatureMap> SqueezeExcite(int channels) =>
    Define<FeatureMap, FeatureMap>(x =>
        x
        * (x >> (AdaptiveAveragePool(1) >> Conv(channels / 2, 1) >> Relu >> Conv(channels, 1) >> Sigmoid).Named("gate"))
    );

var block = Residual(Conv(4, 3) >> Relu >> SqueezeExcite(4) >> new LayerScale(0.1));
Law<FeatureMap, FeatureMap>[] laws =
[
    Laws.IsAValue,
    Laws.ShowsItself,
    Laws.ShapeIsInferred,
    Laws.ParametersAreCounted,
    Laws.BatchIsItsSamples,
    Laws.OptimisedIsAsWritten,
    Laws.StartsFromItsSeed,
    Laws.LeaksNothing,
];
Console.WriteLine($"{block}\n");
foreach (var law in laws)
    Console.WriteLine(law(block, InputSpec.FeatureMap(4, 3, 5), 0));

// Around whatever else there is: random layers, shrunk to the smallest that breaks the law. In a test project,
// [Property] methods return such a verdict.
Prop.ForAll(
        RandomLayers.Maps(),
        any => Laws.OptimisedIsAsWritten(any.Layer >> new LayerScale(0.5) >> Relu, any.Extent, any.Seed).ToProperty()
    )
    .Check(Config.Quick.WithMaxTest(30).WithName("\nany layer before it "));

// A law that does not hold says where and by how much: a memory of words minds their order.
Console.WriteLine(
    Laws.WordOrderDoesNotMatter(
        Identity<FeatureMap>() * Lstm<Words>(2) >> Multimodal >> LastMap,
        InputSpec.FeatureMap(1, 2, 2) & InputSpec.Words(3, 2)
    )
);

/// <summary>
/// Each channel times a gain that is learnt and starts small, so that a deep residual network begins as the identity
/// (Touvron et al. 2021).
/// </summary>
/// <param name="Start">What the gains start as.</param>
internal sealed record LayerScale(double Start) : Layer<FeatureMap, FeatureMap>
{
    protected override Signal Elaborate(Signal input, Scope scope) =>
        input.Node
        * scope.Parameter(
            "scale",
            new Initializer.Fill(Start),
            Role.Gain,
            new Dimension(Axis.Channel, input.Node.Shape[Axis.Channel])
        );

    public override Option<string> Name => "layer_scale";
}
