using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>
/// The weights that a model's backbone starts from, as a value: what is in a file, and how its names become the
/// model's. Everything else of the model starts as it would without.
/// </summary>
/// <param name="File">
/// Where the file is. Not part of what the experiment is: the same weights may lie elsewhere.
/// </param>
/// <param name="Sha256">Of the file's content, in hexadecimal digits.</param>
/// <param name="Mapping">
/// From the file's names to torchvision's, as <see cref="Mappings.Parse"/> reads it; what it leaves as it is are
/// torchvision's already. Empty: all of them are.
/// </param>
/// <param name="Key">
/// The key of the state dictionary in a .pth that holds several; empty to find it. It is part of the experiment where
/// it is given.
/// </param>
public sealed record Pretrained(string File, string Sha256, string Mapping = "", string Key = "")
{
    private const string Below = "backbone.";

    /// <summary>Whether a parameter's path is one of a backbone.</summary>
    public static bool IsBelow(string path) => path.StartsWith(Below, StringComparison.Ordinal);

    /// <summary>The weights in a file.</summary>
    /// <param name="file">The file: .safetensors, PyTorch's .pth, or .onnx.</param>
    /// <param name="mapping">The file of the mapping; empty for torchvision's names.</param>
    /// <param name="known">The digest of a file that is gone, where a run has started from it.</param>
    /// <param name="key">The key of the state dictionary in a .pth that holds several; empty to find it.</param>
    public static Either<Error, Pretrained> Read(
        string file,
        string mapping = "",
        Func<string, Option<string>>? known = null,
        string key = ""
    ) =>
        from place in file.Length == 0
            ? Left<Error, string>(new("no file", "--backbone", "give a .pth, .safetensors or .onnx file"))
            : Path.GetFullPath(file)
        from rules in mapping.Length == 0 ? "" : Rules(mapping)
        from digest in System.IO.File.Exists(place) ? Digest(place) : Known(place, known)
        select new Pretrained(place, digest, rules, key);

    /// <summary>How the weights take pixels, where that is known: torchvision's as ImageNet's.</summary>
    public Option<PixelNormalization> Pixels =>
        Mapping.Length == 0 ? Cmsa.Experiments.Specs.PixelNormalization.ImageNet : None;

    /// <summary>
    /// What the file gives an experiment's backbone; an error where it is not the file that was meant, cannot be read,
    /// or leaves a part of the backbone without weights.
    /// </summary>
    public Either<Error, BackboneReport> Fit(Experiment experiment) =>
        from program in experiment
            .Model.At(experiment.Inputs)
            .Match(Succ: Right<Error, Graph>, Fail: errors => Left(Failures.Of(errors)))
        from fitted in Opened(program, (weights, names) => program.Compare(weights, names))
        select fitted;

    /// <summary>
    /// Loads the file into a module's backbone; nothing of the module is changed where <see cref="Fit"/> would be an
    /// error.
    /// </summary>
    /// <param name="module">The module, its backbone's parameters below <c>backbone</c>.</param>
    /// <returns>What was loaded; an error as <see cref="Fit"/> gives it.</returns>
    public Either<Error, BackboneReport> Fill(Compiled module) =>
        Opened(
            module.Graph,
            (weights, names) =>
                from compared in module.Graph.Compare(weights, names)
                from loaded in BackboneReport.Of(this, weights, names, compared).Problem.IsSome
                    ? compared
                    : module.Load(weights, strict: false, names)
                select loaded
        );

    private Either<Error, BackboneReport> Opened(
        Graph graph,
        Func<WeightsFile, Func<string, string?>, Either<Error, LoadReport>> act
    ) =>
        from named in Names
        from digest in System.IO.File.Exists(File)
            ? Digest(File)
            : new Error("there is no such file", File, "the run has no checkpoint yet and starts from these weights")
        from same in digest == Sha256
            ? Right<Error, Unit>(unit)
            : new Error(
                "the file is not the one that the experiment starts from: its SHA-256 begins with "
                    + $"{digest[..10]}, not {Sha256[..Math.Min(10, Sha256.Length)]}",
                File,
                "put that one there again"
            )
        from fitted in BackboneFile
            .Open(File, Key)
            .Bind(file =>
            {
                using (file)
                    return from placed in file.In(graph, named)
                           from report in act(placed.Weights, placed.Names)
                           select BackboneReport.Of(this, placed.Weights, placed.Names, report);
            })
        from whole in fitted.Problem.Match(Left<Error, Unit>, () => unit)
        select fitted;

    // The path that a tensor of the file goes to; null for what belongs to no backbone.
    private Either<Error, Func<string, string?>> Names =>
        Mappings
            .Parse(Mapping)
            .Match(
                Succ: mapping =>
                    Right<Error, Func<string, string?>>(name =>
                        mapping(name) is { } mapped && Mappings.Torchvision(mapped) is { } path && IsBelow(path)
                            ? path
                            : null
                    ),
                Fail: wrong => Left(Said(wrong))
            );

    private static Either<Error, string> Rules(string path) =>
        from text in System.IO.File.Exists(path)
            ? Failures.Try(path, () => System.IO.File.ReadAllText(path))
            : new Error("there is no such file", path)
        from read in Mappings
            .Parse(text, path)
            .Match(Succ: _ => Right<Error, Unit>(unit), Fail: wrong => Left(Said(wrong)))
        select string.Join(
            '\n',
            text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line[0] != '#')
        );

    private static Either<Error, string> Digest(string path) =>
        Failures.Try(
            path,
            () =>
            {
                using var file = System.IO.File.OpenRead(path);
                return Convert.ToHexStringLower(SHA256.HashData(file));
            }
        );

    private static Either<Error, string> Known(string file, Func<string, Option<string>>? known) =>
        (known?.Invoke(file) ?? None).ToEither(
            new Error("there is no such file", file, "give pretrained weights: .pth, .safetensors or .onnx")
        );

    private static Error Said(Error error) => error;

    private static Error Said(Seq<Error> errors)
    {
        var first = Said(errors[0]);
        var more = errors.Count > 1 ? $"; and {errors.Count - 1} more like it" : "";
        return first with { What = first.What + more };
    }

    internal JsonObject Json
    {
        get
        {
            var json = new JsonObject
            {
                ["file"] = File,
                ["sha256"] = Sha256,
                ["mapping"] = Mapping,
            };
            // Experiments without one keep their hash.
            if (Key.Length > 0)
                json["key"] = Key;
            return json;
        }
    }

    internal static Pretrained Of(JsonNode json) =>
        new(
            json["file"]!.GetValue<string>(),
            json["sha256"]!.GetValue<string>(),
            json["mapping"]!.GetValue<string>(),
            json["key"]?.GetValue<string>() ?? ""
        );

    /// <summary>Such as <c>resnet101.pth (SHA-256 63fe2227ab)</c>.</summary>
    public override string ToString() => $"{Path.GetFileName(File)} (SHA-256 {Sha256[..Math.Min(10, Sha256.Length)]})";
}
