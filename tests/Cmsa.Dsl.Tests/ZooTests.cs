using Cmsa.Dsl.Display;
using Cmsa.Dsl.Torch;
using Cmsa.Models.Catalogues;
using Cmsa.Models.Zoo;
using TorchSharp;

namespace Cmsa.Dsl.Tests;

/// <summary>
/// The networks of the zoo: their parameters are those of the literature, and rewriting changes no number.
/// </summary>
public class ZooTests
{
    private static readonly ResNet thin = new([1, 1, 1, 1], Bottleneck: true, Width: 4);
    private static readonly VisionTransformer small = new(8, 2, 2, Patch: 8);

    /// <summary>Each network at a size that runs in a moment.</summary>
    private static readonly Dictionary<string, (Layer Model, InputSpec Inputs)> tiny = new()
    {
        ["U-Net"] = (UNet.Model(16, width: 4, depth: 2), InputSpec.Image(16, 16)),
        ["FPN"] = (Fpn.Model(thin, 64, channels: 8), InputSpec.Image(64, 64)),
        ["DeepLabv3"] = (DeepLabV3.Model(thin, 32, channels: 8), InputSpec.Image(32, 32)),
        ["PSPNet"] = (PspNet.Model(thin, 32, channels: 8), InputSpec.Image(32, 32)),
        ["SE-ResNet"] = (GatedResNet.SqueezeExcitation(thin, 5), InputSpec.Image(32, 32)),
        ["CBAM"] = (GatedResNet.Cbam(thin, 5), InputSpec.Image(32, 32)),
        ["ViT"] = (small.Classifier(5), InputSpec.Image(16, 24)),
        ["ConvNeXt"] = (new ConvNext([1, 2, 1, 1], [4, 8, 12, 16]).Classifier(5), InputSpec.Image(64, 64)),
        ["DETR"] = (new Detr(thin, 8, 2, 2).Model(3, 4), InputSpec.Image(64, 96)),
        ["LAVT"] = (new Lavt(small, Stages: 2).Model(32, 9), InputSpec.Image(32, 32) & InputSpec.Tokens(5)),
        ["VLT"] = (new Vlt(8, 2).Model(Of(32)), InputSpec.Image(32, 32) & InputSpec.Tokens(5)),
        ["BRINet"] = (new BriNet(8).Model(Of(32)), InputSpec.Image(32, 32) & InputSpec.Tokens(5)),
    };

    private static Sizes Of(int image) =>
        Sizes.Small with
        {
            Image = image,
            Words = 5,
            Vocabulary = 9,
            WordChannels = 8,
        };

    public static TheoryData<string> Networks => [.. tiny.Keys];

    [Theory, MemberData(nameof(Networks))]
    public void Optimised_it_is_as_written(string name)
    {
        using var scope = torch.NewDisposeScope();
        var (model, inputs) = tiny[name];
        var written = Run(model, inputs, Graphs.OptimizationLevel.AsWritten);
        var optimised = Run(model, inputs, Graphs.OptimizationLevel.All);
        Assert.Equal(written.Count, optimised.Count);
        foreach (var (expected, found) in written.Zip(optimised, (x, y) => (x, y)))
        {
            var scale = Math.Max(1, expected.abs().max().item<double>());
            Assert.True(expected.std().item<double>() > 0);
            Assert.InRange((expected - found).abs().max().item<double>() / scale, 0, 1e-10);
        }
    }

    private static Many<torch.Tensor> Run(Layer model, InputSpec inputs, Graphs.OptimizationLevel level)
    {
        var options = new Options(Precision: Precision.Float64, Optimise: level);
        var module = model.Compile(inputs, options).Fits();
        return module.RunShowing(module.DrawnArguments(2)).Output.Values;
    }

    [Theory, MemberData(nameof(Networks))]
    public void It_shows_and_draws_itself_and_is_read_back(string name)
    {
        var (model, inputs) = tiny[name];
        Assert.NotEmpty(LayerTable.Of(model, inputs).Fits().Model.Rows);
        Assert.StartsWith("<svg", Drawing.Svg(model, inputs).Fits(), StringComparison.Ordinal);
        Assert.Equal(model, Json.Read(Json.Write(model)).Fits());
    }

    private static long Parameters(Layer model, int side) =>
        model.At(InputSpec.Image(side, side)).Fits().ParameterCount;

    [Fact]
    public void A_U_net_has_31_037_633_parameters() => Assert.Equal(31_037_633, Parameters(UNet.Scores(1), 64));

    [Fact]
    public void A_pyramid_on_a_ResNet_50_has_torchvisions_3_344_384_parameters_more() =>
        Assert.Equal(23_508_032 + 3_344_384 + 257, Parameters(Fpn.Model(ResNet.Of50, 64), 64));

    // torchvision's 42,004,074 without the 2,365,205 of the auxiliary head.
    [Fact]
    public void A_DeepLabv3_on_a_ResNet_50_has_39_638_869_parameters() =>
        Assert.Equal(39_638_869, Parameters(DeepLabV3.Scores(ResNet.Of50, 21), 64));

    // Four grids of 2048 to 512, a 3x3 of 4096 to 512, 21 classes.
    [Fact]
    public void A_PSPNet_on_a_ResNet_50_has_46_592_597_parameters() =>
        Assert.Equal(46_592_597, Parameters(PspNet.Scores(ResNet.Of50, 21), 64));

    [Fact]
    public void An_SE_ResNet_50_has_28_088_024_parameters() =>
        Assert.Equal(28_088_024, Parameters(GatedResNet.SqueezeExcitation(ResNet.Of50, 1000), 64));

    // The paper says 28.09 million: those of the SE-ResNet-50 and 100 a block for the 7x7 convolution and its norm.
    [Fact]
    public void A_ResNet_50_with_CBAM_has_28_089_624_parameters() =>
        Assert.Equal(28_089_624, Parameters(GatedResNet.Cbam(ResNet.Of50, 1000), 64));

    [Fact]
    public void ViT_B_16_has_86_567_656_parameters() =>
        Assert.Equal(86_567_656, Parameters(VisionTransformer.B16.Classifier(1000), 224));

    [Fact]
    public void ConvNeXt_T_has_28_589_128_parameters() =>
        Assert.Equal(28_589_128, Parameters(ConvNext.Tiny.Classifier(1000), 64));

    // The 41,302,368 that the authors' code trains, with 222,400 of the stem and the first stage, which it freezes,
    // 53,120
    // of the batch norms, and 512 of the norm after an encoder that is normed before its parts.
    [Fact]
    public void A_DETR_on_a_ResNet_50_has_41_578_400_parameters() =>
        Assert.Equal(41_578_400, Parameters(new Detr(ResNet.Of50).Model(100, 91), 64));
}
