using Cmsa.Benchmarks.ByHand;
using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
using Cmsa.Models;
using LanguageExt;
using TorchSharp;
using static Cmsa.Dsl.Layers.Syntax;
using static LanguageExt.Prelude;

namespace Cmsa.Benchmarks;

/// <summary>
/// Something that is measured: a model at some sizes, and where there is one the same model written by hand.
/// </summary>
/// <param name="Name">What it is, in a few words.</param>
/// <param name="Key">What it is to the program, without blanks or colons.</param>
/// <param name="Model">The model; its result is one tensor.</param>
/// <param name="Extent">The sizes of its argument.</param>
/// <param name="ByHand">Makes the module by hand, and gives what it makes of the arguments.</param>
public sealed record Workload(
    string Name,
    string Key,
    Layer Model,
    InputSpec Extent,
    Option<Func<Eager>> ByHand = default
)
{
    /// <summary>One level's attention with word pooling (CVPR 2019, equations 1 to 4).</summary>
    public static Workload Attention(AttentionSizes sizes) =>
        new(
            $"attention, {sizes}",
            $"attention/{sizes.Rows}/{sizes.Columns}/{sizes.Words}",
            Multimodal >> Residual(SelfAttention(sizes.Width, sizes.Over)) >> WordMean,
            InputSpec.FeatureMap(sizes.Channels, sizes.Rows, sizes.Columns) & InputSpec.Words(sizes.Words, sizes.Word)
        );

    /// <summary>The paper's backbone, a picture to Res5.</summary>
    /// <param name="network">Which residual network.</param>
    /// <param name="picture">The sizes of the picture.</param>
    public static Workload Backbone(ResNet network, InputSpec picture) =>
        new(
            $"backbone, {picture}",
            "backbone",
            DeepLab.Of(network, DeepLab.Res5),
            picture,
            Some<Func<Eager>>(() =>
            {
                var module = new EagerResNet([.. network.Blocks], network.Bottleneck, network.Width);
                return new(module, "backbone.", x => module.forward(x[0]).Res5);
            })
        );

    /// <summary>A model of the paper's sort at some sizes.</summary>
    public static Workload Paper(Sizes sizes) =>
        new(
            $"the whole model, {sizes.Inputs}",
            "model",
            Models.Paper.Model(sizes),
            sizes.Inputs,
            Some<Func<Eager>>(() =>
            {
                var module = new EagerPaper(sizes);
                return new(module, "", x => module.forward(x[0], x[1]));
            })
        );
}

/// <summary>A model written by hand.</summary>
/// <param name="Module">The module.</param>
/// <param name="Under">What the paths of its weights begin with in the compiled model.</param>
/// <param name="Forward">What it makes of the arguments.</param>
public sealed record Eager(torch.nn.Module Module, string Under, Func<torch.Tensor[], torch.Tensor> Forward);

/// <summary>The sizes of one level's attention; those of Res5 in the paper unless others are given.</summary>
/// <param name="Rows">h.</param>
/// <param name="Columns">w.</param>
/// <param name="Words">N.</param>
/// <param name="Width">d, the width of q, k and v.</param>
/// <param name="Channels">C_v, of the feature map.</param>
/// <param name="Word">C_l, of a word.</param>
/// <param name="Over">What is attended to.</param>
public sealed record AttentionSizes(
    int Rows = 40,
    int Columns = 40,
    int Words = 20,
    int Width = 512,
    int Channels = 2048,
    int Word = 1000,
    AttentionScope Over = AttentionScope.All
)
{
    /// <summary>The sizes in words.</summary>
    public override string ToString() => $"{Rows}x{Columns} places, {Words} words, width {Width}, {Channels} channels";
}
