using Cmsa.Backbones;
using Cmsa.Data.Pictures;
using Cmsa.Dsl.Onnx.Runtime;
using LanguageExt;
using Onnx;
using TorchSharp;

namespace Cmsa.Dsl.Onnx.Tests;

/// <summary>A test that needs the package of the ResNet-18.</summary>
public sealed class RestoredFactAttribute : FactAttribute
{
    /// <summary>Skips where the package is not restored.</summary>
    public RestoredFactAttribute()
    {
        if (!ImageNetBackbone.ResNet18.IsRestored)
            Skip = $"{ImageNetBackbone.ResNet18.Package} is not restored";
    }
}

/// <summary>Backbones pretrained on ImageNet: the numbers, and what is refused.</summary>
public sealed class PretrainedTests
{
    private static readonly ImageNetBackbone resNet18 = ImageNetBackbone.ResNet18;

    // The last results of the file's four stages.
    private static readonly string[] stages =
    [
        "ReLU283_Output_0",
        "ReLU315_Output_0",
        "ReLU347_Output_0",
        "ReLU393_Output_0",
    ];

    private static T Right<T>(Either<Error, T> outcome) =>
        outcome.IfLeft(e => throw new InvalidOperationException($"{e}"));

    private static Graph Backbone(ResNet network, params Many<string> taps) =>
        network
            .Tapped(taps)
            .Named("backbone")
            .At(InputSpec.Image(224, 224))
            .IfFail(e => throw new InvalidOperationException($"{e}"));

    // The package's model, which gives out its stages as well.
    private static byte[] WithStages()
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(resNet18.Path));
        foreach (var stage in stages)
            model.Graph.Output.Add(
                new ValueInfoProto
                {
                    Name = stage,
                    Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } },
                }
            );
        return Google.Protobuf.MessageExtensions.ToByteArray(model);
    }

    [RestoredFact]
    public void Features_are_those_of_ONNX_Runtime()
    {
        using var scope = torch.NewDisposeScope();
        var generator = new torch.Generator(7);
        var coarse = torch.rand([1, 3, 14, 14], generator: generator) * 255 - 117;
        var picture = torch.nn.functional.interpolate(coarse, [224, 224], mode: torch.InterpolationMode.Bilinear, align_corners: false);

        using var module = new Compiled(Backbone(resNet18.Network, "res2", "res3", "res4", "res5"), new Options());
        module.eval();
        Right(Right(resNet18.Weights()).Fill(module));
        var found = module.RunAll(picture).Parts.ToDictionary(p => p.Path, p => p.Part.Of);

        using var model = Right(OnnxModel.Open(WithStages(), threads: 1));
        var expected = model
            .Outputs.Zip(Right(model.Run(picture)), (o, r) => (o.Name, r))
            .ToDictionary(o => o.Name, o => o.r);

        for (var i = 0; i < stages.Length; i++)
        {
            var (ours, theirs) = (found[$"res{i + 2}"], expected[stages[i]]);
            Assert.Equal(theirs.shape, ours.shape);
            var scale = theirs.abs().max().item<float>();
            Assert.InRange((ours - theirs).abs().max().item<float>() / scale, 0, 1e-4f);
            Assert.True(scale > 0.1f);
        }
    }

    [RestoredFact]
    public void The_file_has_15_908_800_numbers()
    {
        var weights = Right(Reading.OnnxWeights.Read(resNet18.Path));
        Assert.Equal(15_908_800, weights.Tensors.Sum(t => t.Sizes.Aggregate(1L, (a, b) => a * b)));
    }

    [Fact]
    public void A_network_of_other_blocks_is_one_error_that_says_what_to_write()
    {
        Assert.True(resNet18.Fits(Sizes.Photo.Backbone, "--model photo").IsRight);
        Assert.Equal(
            "--backbone imagenet-resnet18: the model's backbone has basic blocks [1, 1, 1, 1] of width 8; "
                + "imagenet-resnet18 has basic blocks [2, 2, 2, 3] of width 64; write --model photo",
            resNet18.Fits(Sizes.Small.Backbone, "--model photo").Match(Right: _ => "", Left: e => $"{e}")
        );
    }

    [Fact]
    public void A_package_that_is_not_restored_is_one_error_that_says_what_to_do()
    {
        var missing = resNet18 with { File = "tools/no-such.onnx" };
        var error = missing.Weights().Match(Right: _ => "", Left: e => $"{e}");
        Assert.Contains("the weights of imagenet-resnet18 are not in the package cache", error, StringComparison.Ordinal);
        Assert.Contains("run dotnet restore", error, StringComparison.Ordinal);
    }

    // A picture whose left half is of stripes and whose right half is even.
    private static Picture Halves(int height, int width) =>
        new(
            height,
            width,
            [
                .. Enumerable
                    .Range(0, height * width)
                    .SelectMany(i => Enumerable.Repeat((byte)(i % width < width / 2 && i % 8 < 4 ? 230 : 60), 3)),
            ]
        );

    [RestoredFact]
    public void Feature_pictures_have_the_photograph_s_proportions_and_tell_its_parts_apart()
    {
        using var eyes = Right(FeaturePictures.Open(resNet18, side: 96));
        var found = eyes.Of(Halves(40, 80));
        Assert.Equal(["photograph", "Res3", "Res4", "Res5"], found.Select(p => p.Level));
        Assert.All(found, p => Assert.Equal((48, 96), (p.Shown.Height, p.Shown.Width)));
        foreach (var level in found.Skip(1))
        {
            var (left, right) = (Mean(level.Shown, 12, 36), Mean(level.Shown, 60, 84));
            Assert.True(left.Zip(right, (a, b) => Math.Abs(a - b)).Max() > 40, level.Level);
        }
        // The same picture gives the same bytes, whatever the solver's choice of direction.
        Assert.Equal(found.Select(p => p.Shown.Rgb), eyes.Of(Halves(40, 80)).Select(p => p.Shown.Rgb));
    }

    [RestoredFact]
    public void A_picture_of_one_colour_has_features_too()
    {
        using var eyes = Right(FeaturePictures.Open(resNet18, side: 64));
        Assert.Equal(4, eyes.Of(new(5, 5, [.. Enumerable.Repeat((byte)127, 75)])).Count);
    }

    private static double[] Mean(Picture picture, int left, int right) =>
        [
            .. Enumerable
                .Range(0, 3)
                .Select(c =>
                    Enumerable
                        .Range(0, picture.Height)
                        .SelectMany(y => Enumerable.Range(left, right - left).Select(x => 3 * (y * picture.Width + x) + c))
                        .Average(i => (double)picture.Rgb[i])
                ),
        ];
}
