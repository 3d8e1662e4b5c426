using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;

namespace Cmsa.Models.Zoo;

/// <summary>
/// <i>Bi-directional Relationship Inferring Network for Referring Image Segmentation</i> (Hu et al. 2020), in short: on
/// every level the picture chooses the words of each place, and these choose the places that belong together; levels
/// then pass what they know up and down through gates. Without the coordinates and the ConvLSTM of its code.
/// </summary>
/// <param name="Width">Channels.</param>
public sealed record BriNet(int Width = 256)
{
    /// <summary>One thin enough for a laptop.</summary>
    public static BriNet Small { get; } = new(32);

    /// <summary>The model.</summary>
    /// <param name="s">The backbone, the picture's and the vocabulary's size.</param>
    public Layer<(Image, Tokens), Mask> Model(Sizes s) =>
        Paper.Backbone(s) * (Embedding(s.Vocabulary, s.WordChannels) >> Lstm<Words>(Width)).Named("text")
        >> EachLevel(Relations)
        >> Fusion.Named("fusion")
        >> Conv(1, 3).Named("mask")
        >> Upsample(s.Image);

    /// <summary>Vision-guided attention to the words, then language-guided attention to the places.</summary>
    private Layer<(FeatureMap, Words), FeatureMap> Relations =>
        Define<FeatureMap, Words, FeatureMap>(
            (map, words) =>
            {
                var v = map >> Conv(Width, 1).Named("project") >> Relu;
                var said = (v, words) >> MultiHeadAttention<FeatureMap, Words>(Width, 1).Named("vision_guided");
                var guided = v * said >> Normalise<FeatureMap>();
                return v + (guided >> MultiHeadAttention<FeatureMap>(Width, 1).Named("language_guided"));
            }
        );

    /// <summary>Gated bi-directional fusion: from res5 to res3 and from res3 to res5, and both together.</summary>
    private Layer<Levels<FeatureMap>, FeatureMap> Fusion =>
        Define<FeatureMap>(x =>
        {
            var down4 = Passed(x["res5"], x["res4"], "down4");
            var down3 = Passed(down4, x["res3"], "down3");
            var up4 = Passed(x["res3"], x["res4"], "up4");
            var up5 = Passed(up4, x["res5"], "up5");
            return down3 + ((up5, down3) >> ResizeLike);
        });

    private Term<FeatureMap> Passed(Term<FeatureMap> from, Term<FeatureMap> to, string name)
    {
        var here = (from, to) >> ResizeLike;
        var gate = here + to >> Conv(Width, 1).Named($"{name}.gate") >> Sigmoid;
        return gate * here + to >> Conv(Width, 3).Named(name) >> Relu;
    }
}
