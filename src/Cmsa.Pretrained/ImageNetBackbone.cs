using System.Reflection;
using Cmsa.Experiments.Specs;
using Cmsa.Models;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Backbones;

/// <summary>
/// A backbone pretrained on ImageNet, whose weights are an ONNX file in a NuGet package. The file's names say nothing:
/// its convolutions and batch norms are found in a model by their order.
/// </summary>
/// <param name="Name">Its name on the command line, such as <c>imagenet-resnet18</c>.</param>
/// <param name="Network">The network that the weights are of, at stride 32.</param>
/// <param name="Pixels">How the weights take pixels.</param>
/// <param name="Package">The NuGet package.</param>
/// <param name="File">The file in the package, its folders separated by <c>/</c>.</param>
public sealed record ImageNetBackbone(
    string Name,
    ResNet Network,
    PixelNormalization Pixels,
    string Package,
    string File
)
{
    private const string Cache = "PackageCache";

    /// <summary>
    /// Microsoft's ResNet-18: blocks [2, 2, 2, 3], one more than the paper's ResNet-18 has in its last stage;
    /// 15,908,800 numbers, the statistics of the batch norms included.
    /// </summary>
    public static ImageNetBackbone ResNet18 { get; } =
        new(
            "imagenet-resnet18",
            ResNet.Microsoft18,
            PixelNormalization.Caffe,
            "Microsoft.ML.DnnImageFeaturizer.ResNet18",
            "tools/DnnImageModels/ResNet18Onnx/ResNet18.onnx"
        );

    /// <summary>All backbones whose weights a restore brings.</summary>
    public static Many<ImageNetBackbone> All { get; } = [ResNet18];

    /// <summary>The backbone of a name, if there is one.</summary>
    /// <param name="name">Such as <c>imagenet-resnet18</c>; upper and lower case are the same.</param>
    public static Option<ImageNetBackbone> Find(string name) =>
        All.Find(b => b.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Where the file is, or would be if the package were restored.</summary>
    public string Path =>
        System.IO.Path.GetFullPath(
            System.IO.Path.Combine(
                [CacheFolder, Package.ToLowerInvariant(), Metadata(Package).IfNone(""), .. File.Split('/')]
            )
        );

    /// <summary>Whether the package is restored.</summary>
    public bool IsRestored => System.IO.File.Exists(Path);

    /// <summary>The weights as an experiment's backbone starts from them.</summary>
    /// <param name="known">The digest of a file that is gone, where a run has started from it.</param>
    /// <returns>The weights; an error where the package is not restored.</returns>
    public Either<Error, Pretrained> Weights(Func<string, Option<string>>? known = null) =>
        Pretrained
            .Read(Path, known: known)
            .MapLeft(wrong =>
                IsRestored
                    ? wrong
                    : new Error(
                        $"the weights of {Name} are not in the package cache",
                        Path,
                        $"run dotnet restore, or restore {Package} {Metadata(Package).IfNone("")} in any project "
                            + $"with <PackageDownload Include=\"{Package}\" "
                            + $"Version=\"[{Metadata(Package).IfNone("")}]\" />"
                    )
            );

    /// <summary>An error where a network has other layers than the weights.</summary>
    /// <param name="network">The network; its stride and whether its norms are fixed do not matter.</param>
    /// <param name="instead">What to write to get a network that fits.</param>
    public Either<Error, Unit> Fits(ResNet network, string instead) =>
        network.Blocks == Network.Blocks
        && network.Bottleneck == Network.Bottleneck
        && network.Width == Network.Width
            ? unit
            : Misfit(
                $"the model's backbone has {Kind(network)} blocks [{string.Join(", ", network.Blocks)}] of width "
                    + $"{network.Width}",
                instead
            );

    /// <summary>An error where an experiment's backbone has other layers than the weights.</summary>
    /// <param name="experiment">The experiment; its backbone starts from these weights.</param>
    /// <param name="instead">What to write to get a model that fits.</param>
    public Either<Error, Unit> Fits(Experiment experiment, string instead) =>
        IsRestored ? experiment.Ready.MapLeft(wrong => Misfit(wrong.What, instead)) : unit;

    /// <summary>How the weights take pixels; an error where another way is given.</summary>
    /// <param name="given">The way that is given, if any.</param>
    public Either<Error, PixelNormalization> Taking(Option<PixelNormalization> given) =>
        given.IfNone(Pixels) == Pixels
            ? Pixels
            : new Error(
                $"{Name} does not take pixels as {Lower(given.IfNone(Pixels))}",
                "--pixels",
                $"write --pixels {Lower(Pixels)}, or leave it out"
            );

    private Error Misfit(string found, string instead) =>
        new(
            $"{found}; {Name} has {Kind(Network)} blocks [{string.Join(", ", Network.Blocks)}] of width {Network.Width}",
            $"--backbone {Name}",
            $"write {instead}"
        );

    private static string Kind(ResNet network) => network.Bottleneck ? "bottleneck" : "basic";

    private static string Lower(PixelNormalization pixels) =>
        $"{pixels}".ToLower(System.Globalization.CultureInfo.InvariantCulture);

    // As this library was built; otherwise as NuGet finds it.
    private static string CacheFolder =>
        Metadata(Cache)
            .Filter(Directory.Exists)
            .IfNone(() =>
                Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
                    ? set
                    : System.IO.Path.Combine(
                        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                        ".nuget",
                        "packages"
                    )
            );

    private static Option<string> Metadata(string key) =>
        Optional(
            typeof(ImageNetBackbone)
                .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
                .FirstOrDefault(a => a.Key == key)
                ?.Value
        );
}
