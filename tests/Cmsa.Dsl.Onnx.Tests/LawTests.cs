using Cmsa.Dsl.Testing;
using FsCheck;
using FsCheck.Xunit;

namespace Cmsa.Dsl.Onnx.Tests;

[Properties(Arbitrary = [typeof(RandomLayers)], MaxTest = 60, QuietOnSuccess = true)]
[Trait("Speed", "Slow")]
public class LawTests
{
    [Property]
    public Property Random_layers_of_maps(Example<FeatureMap, FeatureMap> example) =>
        example.Obeys(OnnxLaws.OnnxAgrees);

    [Property]
    public Property Random_layers_of_words(Example<Words, Words> example) => example.Obeys(OnnxLaws.OnnxAgrees);

    [Property]
    public Property Random_layers_of_maps_and_words(Example<(FeatureMap, Words), FeatureMap> example) =>
        example.Obeys(OnnxLaws.OnnxAgrees);

    [Property]
    public Property Random_fusions_of_levels(Example<Levels<FeatureMap>, FeatureMap> example) =>
        example.Obeys(OnnxLaws.OnnxAgrees);

    [Property]
    public Property Random_graphs_of_bare_operations(Graph graph) =>
        OnnxLaws.OnnxAgrees(graph, module => module.DrawnArguments(3));
}
