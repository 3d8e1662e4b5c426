using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Testing;
using Cmsa.Models.Zoo;
using LanguageExt;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>Every model of the catalogue in ONNX Runtime, at small sizes.</summary>
[Trait("Speed", "Slow")]
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
            .. Zoo,
        ];

    private static Many<Entry> Zoo
    {
        get
        {
            var thin = new ResNet([1, 1, 1, 1], Bottleneck: true, Width: 4);
            return
            [
                new("U-Net, thin", "", UNet.Model(16, width: 4, depth: 2), InputSpec.Image(16, 16)),
                new("FPN, thin", "", Fpn.Model(thin, 64, channels: 8), InputSpec.Image(64, 64)),
                new("DeepLabv3, thin", "", DeepLabV3.Model(thin, 32, channels: 8), InputSpec.Image(32, 32)),
                new("PSPNet, thin", "", PspNet.Model(thin, 32, channels: 8), InputSpec.Image(32, 32)),
                new("SE-ResNet, thin", "", GatedResNet.SqueezeExcitation(thin, 5), InputSpec.Image(32, 32)),
                new("CBAM, thin", "", GatedResNet.Cbam(thin, 5), InputSpec.Image(32, 32)),
                new("ViT, thin", "", new VisionTransformer(8, 2, 2, Patch: 8).Classifier(5), InputSpec.Image(16, 24)),
                new(
                    "ConvNeXt, thin",
                    "",
                    new ConvNext([1, 2, 1, 1], [4, 8, 12, 16]).Classifier(5),
                    InputSpec.Image(64, 64)
                ),
                new("DETR, thin", "", new Detr(thin, 8, 2, 2).Model(3, 4), InputSpec.Image(64, 96)),
            ];
        }
    }

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
