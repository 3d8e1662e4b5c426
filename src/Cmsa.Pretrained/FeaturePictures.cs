using Cmsa.Data.Pictures;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Backbones;

/// <summary>A photograph, or a level's features, as a picture.</summary>
/// <param name="Level"><c>photograph</c>, <c>Res3</c>, <c>Res4</c> or <c>Res5</c>.</param>
/// <param name="Shown">The picture, of the photograph's proportions.</param>
public sealed record FeaturePicture(string Level, Picture Shown);

/// <summary>
/// What a pretrained backbone sees in a photograph: the first three principal components of Res3, Res4 and Res5 as red,
/// green and blue. Places of one colour look alike to the network.
/// </summary>
public sealed class FeaturePictures : IDisposable
{
    private static readonly Many<string> levels = ["res3", "res4", "res5"];

    private readonly Compiled module;
    private readonly ImageNetBackbone backbone;

    private FeaturePictures(Compiled module, ImageNetBackbone backbone, int side) =>
        (this.module, this.backbone, Side) = (module, backbone, side);

    /// <summary>The longer side of the pictures, in pixels.</summary>
    public int Side { get; }

    /// <summary>The backbone with its weights, at stride 8.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="side">The longer side that a photograph is brought to, in pixels: at least 32.</param>
    /// <returns>The backbone, ready; an error where its weights are not there or the side is too small.</returns>
    public static Either<Error, FeaturePictures> Open(ImageNetBackbone backbone, int side = 320) =>
        from enough in side >= 32
            ? Right<Error, Unit>(unit)
            : new Error($"{side} pixels are too few for Res5", "the side", "give 32 or more")
        from weights in backbone.Weights()
        from graph in (backbone.Network with { OutputStride = 8 })
            .Tapped(levels)
            .Named("backbone")
            .At(InputSpec.Image(side, side))
            .ToEither()
            .MapLeft(errors => errors[0])
        from opened in Filled(graph, weights, backbone, side)
        select opened;

    /// <summary>The photograph at the size of its levels, then these, the finest first.</summary>
    /// <param name="photograph">The photograph.</param>
    public Many<FeaturePicture> Of(Picture photograph)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var box = Letterbox.Of(photograph.Height, photograph.Width, Side);
        var pixels = tensor(backbone.Pixels.Of(box.Fit(photograph).Rgb), [1, 3, Side, Side]);
        var found = module.RunAll(pixels).Parts.ToDictionary(part => part.Path, part => part.Part.Of);
        return
        [
            new("photograph", box.Resize(photograph)),
            .. levels.Map(level => new FeaturePicture(Titled(level), Painted(found[level], box))),
        ];
    }

    /// <summary>Frees the module.</summary>
    public void Dispose() => module.Dispose();

    private static Either<Error, FeaturePictures> Filled(
        Graph graph,
        Pretrained weights,
        ImageNetBackbone backbone,
        int side
    )
    {
        var module = new Compiled(graph, new Options());
        module.eval();
        var filled = weights.Fill(module);
        if (filled.IsLeft)
            module.Dispose();
        return filled.Map(_ => new FeaturePictures(module, backbone, side));
    }

    private static string Titled(string level) => $"R{level[1..]}";

    // Enlarged, cropped to where the photograph is, and turned to the axes along which it varies most.
    private static Picture Painted(Tensor level, Letterbox box)
    {
        var large = nn.functional.interpolate(
            level.to(ScalarType.Float64),
            [box.Size, box.Size],
            mode: InterpolationMode.Bilinear,
            align_corners: false
        );
        var places = large[
            0,
            TensorIndex.Colon,
            TensorIndex.Slice(box.Top, box.Top + box.InnerHeight),
            TensorIndex.Slice(box.Left, box.Left + box.InnerWidth)
        ]
            .flatten(1);
        return new(box.InnerHeight, box.InnerWidth, Coloured(Components(places, 3)));
    }

    // [channels, places] to [count, places], the component of the largest variance first.
    private static Tensor Components(Tensor places, int count)
    {
        var centred = places - places.mean([1], keepdim: true);
        var (_, axes) = linalg.eigh(centred.matmul(centred.T));
        var first = axes.flip(1).narrow(1, 0, count);
        // An axis has two directions; the one whose largest number is positive is taken.
        var largest = first.abs().argmax(0, keepdim: true);
        return (first * first.gather(0, largest).sign()).T.matmul(centred);
    }

    // Two standard deviations to each side of grey fill the range of a byte; what lies further out is at its end.
    private static byte[] Coloured(Tensor components)
    {
        var deviation = components.std(1, unbiased: false, keepdim: true).clamp_min(1e-12);
        return
        [
            .. (components / deviation * 63.75 + 127.5)
                .clamp(0, 255)
                .round()
                .to(ScalarType.Byte)
                .T.contiguous()
                .data<byte>(),
        ];
    }
}
