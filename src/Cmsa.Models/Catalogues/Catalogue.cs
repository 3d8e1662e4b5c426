using Cmsa.Dsl;
using Cmsa.Models.Tables;
using Cmsa.Models.Zoo;
using LanguageExt;
using static Cmsa.Models.DeepLab;
using static LanguageExt.Prelude;

namespace Cmsa.Models.Catalogues;

/// <summary>A model with a name.</summary>
/// <param name="Name">Its name, such as <c>Cmsa.Paper</c>.</param>
/// <param name="Description">What it is, on one line.</param>
/// <param name="Layer">The model.</param>
/// <param name="Inputs">The sizes of its argument that it was published with.</param>
public sealed record Entry(string Name, string Description, Layer Layer, InputSpec Inputs);

/// <summary>The models that have names.</summary>
public static class Catalogue
{
    /// <summary>All but the rows of tables.</summary>
    public static Many<Entry> All { get; } =
    [
        new("Cmsa.Paper", "CMSA as the equations of CVPR 2019 give it", Paper.Model(Sizes.Paper), Sizes.Paper.Inputs),
        new(
            "Cmsa.Paper.Small",
            "the same on a thin residual network at 96x96 pixels, for a laptop",
            Paper.Model(Sizes.Small),
            Sizes.Small.Inputs
        ),
        new(
            "Cmsa.Photo",
            "the paper's equations on a ResNet-18 at 320x320 pixels, for pretrained ImageNet weights",
            Paper.Model(Sizes.Photo),
            Sizes.Photo.Inputs
        ),
        new(
            "Cmsa.Released",
            "CMSA as the authors' released graph computes it",
            Released.Model(Sizes.Paper),
            Sizes.Paper.Inputs
        ),
        new(
            "Cmsa.Released.Small",
            "the same on a thin residual network at 96x96 pixels, for a laptop",
            Released.Model(Sizes.Small),
            Sizes.Small.Inputs
        ),
        Classifier("ResNet-18", ResNet.Of18),
        Classifier("ResNet-34", ResNet.Of34),
        Classifier("ResNet-50", ResNet.Of50),
        Classifier("ResNet-101", ResNet.Of101),
        Classifier("ResNet-152", ResNet.Of152),
        new(
            "DeepLab-ResNet-101",
            "the paper's backbone: ResNet-101 of stride 8, giving out Res3, Res4 and Res5",
            ResNet101(Res3, Res4, Res5),
            InputSpec.Image(320, 320)
        ),
        .. Segmenters,
        .. Classifiers,
        .. Referring,
    ];

    private static Many<Entry> Segmenters =>
        [
            OfImages("U-Net", "U-Net (Ronneberger et al. 2015), padded and normed", UNet.Model(256), 256),
            OfImages(
                "FPN-ResNet-50",
                "a feature pyramid (Lin et al. 2017) with a mask",
                Fpn.Model(ResNet.Of50, 320),
                320
            ),
            OfImages(
                "DeepLabv3-ResNet-50",
                "atrous pyramid pooling (Chen et al. 2017)",
                DeepLabV3.Model(ResNet.Of50, 320),
                320
            ),
            OfImages(
                "PSPNet-ResNet-50",
                "pyramid scene parsing (Zhao et al. 2017)",
                PspNet.Model(ResNet.Of50, 320),
                320
            ),
        ];

    private static Many<Entry> Classifiers =>
        [
            OfImages(
                "SE-ResNet-50",
                "squeeze and excitation (Hu et al. 2018)",
                GatedResNet.SqueezeExcitation(ResNet.Of50, 1000),
                224
            ),
            OfImages(
                "CBAM-ResNet-50",
                "channel and spatial gates (Woo et al. 2018)",
                GatedResNet.Cbam(ResNet.Of50, 1000),
                224
            ),
            OfImages(
                "ViT-B-16",
                "a transformer over patches (Dosovitskiy et al. 2021)",
                VisionTransformer.B16.Classifier(1000),
                224
            ),
            OfImages(
                "ConvNeXt-T",
                "a convolutional network built like a transformer (Liu et al. 2022)",
                ConvNext.Tiny.Classifier(1000),
                224
            ),
        ];

    private static Many<Entry> Referring =>
        [
            new(
                "LAVT-ViT-S-16",
                "words between the stages of a vision transformer (Yang et al. 2022)",
                Lavt.S16.Model(320, Sizes.Paper.Vocabulary),
                Sizes.Paper.Inputs
            ),
            new(
                "LAVT.Small",
                "the same on a thin vision transformer at 96x96 pixels, for a laptop",
                Lavt.Small.Model(96, Sizes.Small.Vocabulary),
                Sizes.Small.Inputs
            ),
            new(
                "VLT",
                "words as queries of a transformer (Ding et al. 2021)",
                new Vlt().Model(Sizes.Paper),
                Sizes.Paper.Inputs
            ),
            new(
                "VLT.Small",
                "the same on a thin residual network at 96x96 pixels, for a laptop",
                Vlt.Small.Model(Sizes.Small),
                Sizes.Small.Inputs
            ),
            new(
                "BRINet",
                "relations in both directions (Hu et al. 2020)",
                new BriNet().Model(Sizes.Paper),
                Sizes.Paper.Inputs
            ),
            new(
                "BRINet.Small",
                "the same on a thin residual network at 96x96 pixels, for a laptop",
                BriNet.Small.Model(Sizes.Small),
                Sizes.Small.Inputs
            ),
            OfImages(
                "DETR-ResNet-50",
                "100 learnt queries, classes and boxes (Carion et al. 2020)",
                new Detr(ResNet.Of50).Model(100, 91),
                800
            ),
        ];

    private static Entry OfImages(string name, string description, Layer layer, int size) =>
        new(name, description, layer, InputSpec.Image(size, size));

    /// <summary>
    /// The rows of the paper's tables at the paper's sizes: <c>table3/none</c>, by the table's number and the row's
    /// short name.
    /// </summary>
    public static Many<Entry> Rows { get; } = Tabled(Sizes.Paper, "");

    /// <summary>The same at small sizes: <c>table3/none.small</c>.</summary>
    public static Many<Entry> SmallRows { get; } = Tabled(Sizes.Small, ".small");

    /// <summary>
    /// The model of a name, a row's among them. Case, dots, dashes, blanks and underscores do not matter, and what only
    /// one name ends in is enough: <c>paper</c>, <c>resnet50</c>.
    /// </summary>
    /// <returns>The model, or an error with the names that come nearest.</returns>
    public static Either<Error, Entry> Find(string name) =>
        Find(All + Rows + SmallRows, Nearest.Key(name))
            .ToEither(() => new Error($"no model is called {name}", Hint: Suggestion(name)));

    private static Option<Entry> Find(Many<Entry> entries, string key) =>
        entries.Find(e => Nearest.Key(e.Name) == key)
        || (
            key.Length > 1
            && entries.Filter(e => Nearest.Key(e.Name).EndsWith(key, StringComparison.Ordinal)) is [var only]
                ? Some(only)
                : None
        );

    private static Entry Classifier(string name, ResNet network) =>
        new(
            name,
            $"the classifier of He et al. 2016 with {network.Blocks.Sum()} blocks, as in torchvision",
            network.Classifier(1000),
            InputSpec.Image(224, 224)
        );

    private static Many<Entry> Tabled(Sizes sizes, string ending) =>
        (
            from table in PaperTables.All
            from row in table.Rows
            from model in row.Model.ToSeq()
            select new Entry(
                $"table{table.Number}/{row.Key}{ending}",
                $"table {table.Number}: {row.Name}",
                model(sizes),
                sizes.Inputs
            )
        ).ToMany();

    private static string Suggestion(string name)
    {
        var near = Nearest.Several(name, (All + Rows).Map(e => e.Name), 3);
        return near.IsEmpty
            ? $"there is {string.Join(", ", All.Map(e => e.Name))}"
            : $"did you mean {string.Join(" or ", near)}?";
    }
}
