using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>Feature Pyramid Networks for Object Detection</i> (Lin et al. 2017) with the mask head of <i>Panoptic Feature
/// Pyramid Networks</i> (Kirillov et al. 2019) in short: all levels brought to the finest one's size and added. Maps
/// grow bilinearly where the papers repeat cells.
/// </summary>
public static class Fpn
{
    /// <summary>Logits of a mask of <c>size x size</c> pixels.</summary>
    /// <param name="network">The backbone.</param>
    /// <param name="size">The picture's side, in pixels.</param>
    /// <param name="channels">Channels of the pyramid.</param>
    public static Layer<Image, Mask> Model(ResNet network, int size, int channels = 256) =>
        network.Tapped("res2", "res3", "res4", "res5").Named("body")
        >> Pyramid(channels)
        >> Conv(1, 1).Named("mask")
        >> Upsample(size);

    /// <summary>The levels res2 to res5 as one map of the size of res2.</summary>
    public static Layer<Levels<FeatureMap>, FeatureMap> Pyramid(int channels) =>
        Define<FeatureMap>(c =>
        {
            var inner = c.Each(Conv(channels, 1), "inner");
            var p5 = inner["res5"];
            var p4 = inner["res4"] + ((p5, inner["res4"]) >> ResizeLike);
            var p3 = inner["res3"] + ((p4, inner["res3"]) >> ResizeLike);
            var p2 = inner["res2"] + ((p3, inner["res2"]) >> ResizeLike);

            Term<FeatureMap> Out(Term<FeatureMap> p, string level) =>
                (p >> Conv(channels, 3).Named($"outer.{level}"), inner["res2"]) >> ResizeLike;

            return Out(p2, "res2") + Out(p3, "res3") + Out(p4, "res4") + Out(p5, "res5");
        });
}
