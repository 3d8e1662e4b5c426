using System.CommandLine;
using Cmsa.Backbones;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>What a backbone is to start from.</summary>
/// <param name="Backbone">The weights, if any.</param>
/// <param name="Pixels">How pixels become numbers, if it was said.</param>
/// <param name="Words">The options of a command line that asks for the same.</param>
/// <param name="Named">The backbone whose name was given in the place of a file, if any.</param>
internal sealed record BackboneStart(
    LanguageExt.Option<Pretrained> Backbone,
    LanguageExt.Option<PixelNormalization> Pixels,
    Many<string> Words,
    LanguageExt.Option<ImageNetBackbone> Named = default
)
{
    /// <summary>An experiment that starts so.</summary>
    public Experiment Of(Experiment experiment) => experiment.From(Backbone, Pixels);

    /// <summary>An error where the weights of a name do not fit an experiment's model.</summary>
    /// <param name="experiment">The experiment, started from the weights.</param>
    /// <param name="instead">The options that give a model that fits.</param>
    public Either<Error, Unit> Fits(Experiment experiment, string instead) =>
        Named.Match(n => n.Fits(experiment, instead), () => unit);

    /// <summary>An error where the weights of a name do not fit a network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="instead">The options that give a network that fits.</param>
    public Either<Error, Unit> Fits(ResNet network, string instead) =>
        Named.Match(n => n.Fits(network, instead), () => unit);

    /// <summary>
    /// Says on the error stream that weights taken for torchvision's fit a backbone by name alone: the two manners of
    /// building one have the same names and shapes.
    /// </summary>
    /// <param name="manner">How the backbone is built.</param>
    /// <param name="torchvision">The options that give a model whose backbone is built as torchvision's.</param>
    public void Warn(ResNetVariant manner, string torchvision)
    {
        if (Named.IsNone && manner == ResNetVariant.Caffe && Backbone.Exists(b => b.Mapping.Length == 0))
            Terminal.Warn(
                "warning: without --mapping the weights are taken for torchvision's, which fit this backbone, "
                    + $"built in Caffe's manner, by name alone; give {torchvision}, or DeepLab's weights with --mapping "
                    + "MAPFILE"
            );
    }
}

/// <summary>The options that say what a backbone starts from.</summary>
internal sealed class BackboneOptions
{
    private readonly System.CommandLine.Option<string?> file = new("--backbone")
    {
        Description =
            "Pretrained weights that the backbone starts from: a .pth, .safetensors or .onnx file, such as "
            + "torchvision's ResNet-101 or deeplabv3_resnet101. An .onnx file whose names do not fit is read in "
            + "the order of its convolutions and batch norms. "
            + "imagenet-resnet18: Microsoft's, which dotnet restore brings, for --model photo or --scale photo.",
        HelpName = "FILE",
    };
    private readonly System.CommandLine.Option<string?> mapping = new("--mapping")
    {
        Description =
            "Renames the tensors of FILE to torchvision's names: a text file with one 'pattern -> replacement' a line.",
        HelpName = "MAPFILE",
    };
    private readonly System.CommandLine.Option<string?> key = new("--key")
    {
        Description =
            "The key of the weights in a .pth that holds several, such as model or model_ema. It is found where there is one.",
        HelpName = "KEY",
    };
    private readonly System.CommandLine.Option<string?> pixels = new("--pixels")
    {
        Description =
            "How pixels become numbers: centred, imagenet (torchvision's weights) or caffe (DeepLab's). "
            + "Default: imagenet with --backbone alone, otherwise the model's own.",
        HelpName = "SCALE",
    };

    /// <summary>The options by the paths of the settings that say the same.</summary>
    public Many<(string Path, System.CommandLine.Option Option)> Paths =>
        [("pixels", pixels), ("backbone.file", file), ("backbone.mapping", mapping), ("backbone.key", key)];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (System.CommandLine.Option[])[file, mapping, key, pixels])
            command.Options.Add(option);
    }

    /// <summary>What a command line says, and in its place the settings of an experiment file.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="runs">The folder of the runs: those that have begun do not need the file any more.</param>
    /// <param name="settings">The settings.</param>
    public Either<Error, BackboneStart> Read(ParseResult line, string runs, Many<Setting> settings = default)
    {
        string? Of(System.CommandLine.Option<string?> option, string path) =>
            line.GetValue(option) ?? Setting.Last(settings, path).Map(s => s.Value).IfNoneUnsafe((string?)null);

        return Read(
            runs,
            Of(pixels, "pixels"),
            Of(file, "backbone.file"),
            Of(mapping, "backbone.mapping"),
            Of(key, "backbone.key")
        );
    }

    private static Either<Error, BackboneStart> Read(string runs, string? pixels, string? file, string? mapping, string? key) =>
        from scale in pixels is { } said
            ? Scaled(said).Map(Some)
            : Right<Error, LanguageExt.Option<PixelNormalization>>(None)
        from keyed in key is { } chosen && file is null
            ? new Error(
                "the key of weights that are not given",
                $"--key {chosen}",
                "give the weights with --backbone FILE"
            )
            : Right<Error, Unit>(unit)
        let named = Optional(file).Bind(ImageNetBackbone.Find)
        from plain in named.IsSome && (mapping ?? key) is not null
            ? new Error(
                "names or a key for weights that need none",
                $"--backbone {file}",
                "leave out --mapping and --key"
            )
            : Right<Error, Unit>(unit)
        from taken in named.Match(
            n => n.Taking(scale).Map(Some),
            () => Right<Error, LanguageExt.Option<PixelNormalization>>(scale)
        )
        from backbone in (file, mapping) switch
        {
            (null, null) => Right<Error, LanguageExt.Option<Pretrained>>(None),
            (null, var names) => new Error(
                "names of weights that are not given",
                names,
                "give the weights with --backbone FILE"
            ),
            var (weights, _)
                when named.IsNone && weights is not "" && !weights.Contains('.') && !File.Exists(weights) => new Error(
                $"no weights are called {weights}, and there is no such file",
                "--backbone",
                $"give a .pth, .safetensors or .onnx file, or {string.Join(", ", ImageNetBackbone.All.Map(b => b.Name))}"
            ),
            var (weights, names) => named
                .Match(
                    n => n.Weights(RunFolder.BackboneDigests(runs)),
                    () => Pretrained.Read(weights, names ?? "", RunFolder.BackboneDigests(runs), key ?? "")
                )
                .Map(Some),
        }
        select new BackboneStart(
            backbone,
            taken,
            [
                .. backbone
                    .Map(b => (Many<string>)["--backbone", named.Map(n => n.Name).IfNone(b.File)])
                    .IfNone([]),
                .. mapping is { } map ? (Many<string>)["--mapping", Path.GetFullPath(map)] : [],
                .. key is { } chosenKey ? (Many<string>)["--key", chosenKey] : [],
                .. scale.Map(s => (Many<string>)["--pixels", $"{s}"]).IfNone([]),
            ],
            named
        );

    /// <summary>Says on the error stream that a backbone is random and stays so.</summary>
    public static void Warn() =>
        Terminal.Warn(
            "warning: the backbone is random and fixed, so that the model sees through noise; give pretrained "
                + "weights with --backbone FILE (torchvision's ResNet-101, or DeepLab's with --mapping MAPFILE)"
        );

    private static Either<Error, PixelNormalization> Scaled(string name) =>
        Enum.GetValues<PixelNormalization>()
            .ToMany()
            .Find(s => $"{s}".Equals(name, StringComparison.OrdinalIgnoreCase))
            .ToEither(
                new Error(
                    $"no way of taking pixels is called {name}",
                    "--pixels",
                    "there are centred, imagenet and caffe"
                )
            );
}
