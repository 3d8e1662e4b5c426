using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>Every model of the catalogue in ONNX Runtime, at small sizes.</summary>
public class CatalogueTests
{
    public static TheoryData<string> Models => [.. Small.Map(e => e.Name)];

    private static Many<Entry> Small =>
        [
            .. Catalogue.All.Filter(e => e.Name.EndsWith(".Small", StringComparison.Ordinal)),
            .. Catalogue.SmallRows,
            new("ResNet-18", "", ResNet.Of18.Classifier(10), InputSpec.Image(64, 48)),
            new("ResNet-50, thin", "", (ResNet.Of50 with { Width = 8 }).Classifier(10), InputSpec.Image(64, 64)),
            new(
                "DeepLab, thin",
                "",
                DeepLab.Of(
                    ResNet.Of101 with
                    {
                        Width = 4,
                        Blocks = [1, 2, 3, 1],
                        Variant = ResNetVariant.Caffe,
                    },
                    "res3",
                    "res4",
                    "res5"
                ),
                InputSpec.Image(64, 64)
            ),
        ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Optimised_it_computes_what_our_kernels_compute(string name) =>
        Agrees(name, graph => GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false, Processor.Gpu));

    [Theory]
    [MemberData(nameof(Models))]
    public void As_written_it_computes_what_our_kernels_compute(string name) => Agrees(name, graph => graph);

    private static void Agrees(string name, Func<Graph, Graph> rewrite)
    {
        var entry = Small.Find(e => e.Name == name).IfNone(() => throw new InvalidOperationException(name));
        var graph = entry.Layer.At(entry.Inputs).IfFail(errors => throw new InvalidOperationException($"{errors}"));
        var differences = Agreement.Between(Optimised(graph), rewrite(graph), m => m.DrawnArguments(2));
        Assert.Equal(LanguageExt.Prelude.Right<Error, Many<string>>([]), differences);
    }

    private static Graph Optimised(Graph graph) =>
        GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false);
}
