using Cmsa.Dsl;
using Cmsa.Models;
using Cmsa.Models.Zoo;
using LanguageExt;
using Mask = Cmsa.Dsl.Mask;

namespace Cmsa.Experiments.Specs;

/// <summary>
/// A model that can be trained by name: it is given the size of the vocabulary when the data is known.
/// </summary>
/// <param name="Name">Its name, letters, digits and dashes.</param>
/// <param name="Description">What it is, on one line.</param>
/// <param name="Model">The model for so many words.</param>
/// <param name="Image">The picture's side, in pixels.</param>
/// <param name="Words">N, the longest expression.</param>
/// <param name="Scale">How it takes pixels.</param>
/// <param name="Training">How it is trained unless it is said otherwise.</param>
/// <param name="Manner">How its backbone is built.</param>
public sealed record Preset(
    string Name,
    string Description,
    Func<int, Layer<(Image, Tokens), Mask>> Model,
    int Image,
    int Words,
    PixelNormalization Scale,
    Training Training,
    ResNetVariant Manner = ResNetVariant.Torchvision
)
{
    /// <summary>
    /// How small models learn everything from nothing: in batches, each in two parts side by side, fast, for a few
    /// minutes.
    /// </summary>
    public static Training FromNothing { get; } =
        new(
            Iterations: 5_000,
            Batch: 16,
            Shards: 2,
            LearningRate: 5e-3,
            Warmup: 100,
            ValidateEvery: 500,
            ValidateOn: 300,
            SaveEvery: 500
        );

    /// <summary>Those that this library comes with, the one for trying things out first.</summary>
    public static Many<Preset> All { get; } =
    [
        Of(
            "paper-small",
            "the paper's equations on a thin backbone, from nothing, in minutes",
            Paper.Model,
            Sizes.Small
        ),
        Of("released-small", "the released graph on a thin backbone, from nothing", Released.Model, Sizes.Small),
        Of("paper", "the paper's equations at the paper's sizes, batch and rates", Paper.Model, Sizes.Paper),
        Of(
            "paper-torchvision",
            "the paper's equations at the paper's sizes on torchvision's ResNet-101, for its weights",
            Paper.Model,
            Sizes.Torchvision
        ),
        Of(
            "photo",
            "the paper's equations on a ResNet-18, for --backbone imagenet-resnet18",
            Paper.Model,
            Sizes.Photo
        ) with
        {
            Scale = PixelNormalization.Caffe,
        },
        Of("released", "the released graph at the paper's sizes, batch and rates", Released.Model, Sizes.Paper),
        .. OfZoo("lavt", s => Lavt.S16.Model(s.Image, s.Vocabulary), s => Lavt.Small.Model(s.Image, s.Vocabulary)),
        .. OfZoo("vlt", new Vlt().Model, Vlt.Small.Model),
        .. OfZoo("brinet", new BriNet().Model, BriNet.Small.Model),
    ];

    // A network of the zoo, small and at its paper's sizes.
    private static Many<Preset> OfZoo(
        string name,
        Func<Sizes, Layer<(Image, Tokens), Mask>> large,
        Func<Sizes, Layer<(Image, Tokens), Mask>> small
    ) =>
        [
            Of($"{name}-small", $"{name} of the catalogue, thin, from nothing", small, Sizes.Small),
            Of(name, $"{name} of the catalogue at the paper's sizes", large, Sizes.Paper),
        ];

    /// <summary>
    /// A model of the paper's sort at some sizes: trained from nothing where its backbone is trained, as in the paper
    /// otherwise.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is.</param>
    /// <param name="model">The model at given sizes.</param>
    /// <param name="sizes">The sizes; the vocabulary's is the data's.</param>
    public static Preset Of(
        string name,
        string description,
        Func<Sizes, Layer<(Image, Tokens), Mask>> model,
        Sizes sizes
    ) =>
        new(
            name,
            description,
            words => model(sizes with { Vocabulary = words }),
            sizes.Image,
            sizes.Words,
            PixelsOf(sizes),
            For(sizes),
            sizes.Backbone.Variant
        );

    /// <summary>A model of one's own at fixed sizes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The model; its vocabulary must be at least the data's.</param>
    /// <param name="sizes">Of its argument.</param>
    public static Preset Of(string name, Layer<(Image, Tokens), Mask> model, Sizes sizes) =>
        new(
            name,
            "a model of this program",
            _ => model,
            sizes.Image,
            sizes.Words,
            PixelsOf(sizes),
            For(sizes),
            sizes.Backbone.Variant
        );

    /// <summary>
    /// How models of some sizes are trained unless it is said otherwise: from nothing where the backbone is trained, as
    /// in the paper where it is fixed.
    /// </summary>
    public static Training For(Sizes sizes) => sizes.FixedBackbone ? new() : FromNothing;

    // A fixed backbone takes pixels as what it was trained on; one that learns does not mind.
    private static PixelNormalization PixelsOf(Sizes sizes) =>
        (sizes.FixedBackbone, sizes.Backbone.Variant) switch
        {
            (false, _) => PixelNormalization.Centred,
            (_, ResNetVariant.Caffe) => PixelNormalization.Caffe,
            _ => PixelNormalization.ImageNet,
        };

    /// <summary>The experiment of this model on some data.</summary>
    /// <param name="data">The data; it is opened for its vocabulary.</param>
    /// <param name="training">How it is trained; as the recipe says if absent.</param>
    /// <param name="seed">Of the start values and the order of the samples.</param>
    public Either<Error, Experiment> On(DataSpec data, Training? training = null, ulong seed = 0) =>
        data.Open().Map(opened => On(opened.Vocabulary.Count, data, training, seed));

    /// <summary>The experiment of this model on data whose vocabulary's size is known.</summary>
    /// <param name="vocabulary">How many words there are.</param>
    /// <param name="data">The data.</param>
    /// <param name="training">How it is trained; as the recipe says if absent.</param>
    /// <param name="seed">Of the start values and the order of the samples.</param>
    public Experiment On(int vocabulary, DataSpec data, Training? training = null, ulong seed = 0) =>
        new(Name, Model(vocabulary), Image, Words, data, training ?? Training, Scale, seed);

    /// <summary>
    /// The recipe of a name among some, however its letters, dots and dashes are written; an error that lists them
    /// where there is none.
    /// </summary>
    public static Either<Error, Preset> Find(Many<Preset> among, string name) =>
        among
            .Find(r => Nearest.Key(r.Name) == Nearest.Key(name))
            .ToEither(
                new Error(
                    "there is no such model to train",
                    name,
                    $"there are {string.Join(", ", among.Map(r => r.Name))}"
                )
            );
}
