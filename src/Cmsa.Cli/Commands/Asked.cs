using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl.Graphs;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>Options that several commands about data and runs share.</summary>
internal static class Asked
{
    public static System.CommandLine.Option<string> Root() =>
        new("--root")
        {
            Description =
                "The folder of REFER's data sets: DATASET/instances.json, DATASET/refs(SPLIT).p, images/... A run "
                + "remembers its own.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "",
        };

    /// <summary>How a training treats details, by the name of a protocol.</summary>
    public static System.CommandLine.Option<string?> Protocol() =>
        Protocol(
            "How masks, words, decay, biases and answers are treated in detail: clean, or released as in the authors' code."
        );

    /// <summary>How many expressions of a picture a step takes.</summary>
    public static System.CommandLine.Option<int?> Expressions() =>
        new("--expressions-per-picture")
        {
            Description =
                "How many expressions of one picture a step takes together: the picture is seen once. It divides a shard of the "
                + "batch; a picture with too few repeats some.",
            HelpName = "N",
        };

    /// <summary>Whether a frozen backbone's results are kept.</summary>
    public static System.CommandLine.Option<bool> Features() =>
        new("--cache-features")
        {
            Description =
                "Keep a frozen backbone's results for each picture in RUNS/features, in bfloat16: it runs once for each.",
        };

    /// <summary>The name of a protocol; any other is refused.</summary>
    public static System.CommandLine.Option<string?> Protocol(string description)
    {
        var protocol = new System.CommandLine.Option<string?>("--protocol") { Description = description, HelpName = "NAME" };
        protocol.CompletionSources.Add([.. Experiments.Specs.Protocol.Names]);
        protocol.Validators.Add(given =>
        {
            if (given.Tokens is [.., var name])
                Experiments.Specs.Protocol.Named(name.Value).IfLeft(wrong => given.AddError($"{wrong}"));
        });
        return protocol;
    }

    /// <summary>The protocol that a command line names, if it does.</summary>
    public static LanguageExt.Option<Protocol> ProtocolIn(
        ParseResult line,
        System.CommandLine.Option<string?> protocol
    ) => Optional(line.GetValue(protocol)).Bind(name => Experiments.Specs.Protocol.Named(name).ToOption());

    public static System.CommandLine.Option<string> Device() =>
        new("--device")
        {
            Description = "Where the model runs: cpu, cuda, cuda:1.",
            HelpName = "DEVICE",
            DefaultValueFactory = _ => "cpu",
        };

    public static System.CommandLine.Option<string[]> Bind(string description) =>
        new("--bind")
        {
            Description = description,
            HelpName = "INPUT",
            AllowMultipleArgumentsPerToken = true,
        };

    public static System.CommandLine.Option<bool> AsWritten() =>
        new("--no-optimise")
        {
            Description =
                "Run the model as written, not optimized: the same results up to rounding, slower, with more "
                + "memory. A run that is resumed with another setting is not bit-identical.",
        };

    /// <summary>How far a model is rewritten before it runs, as <see cref="AsWritten"/> says.</summary>
    public static OptimizationLevel Effort(ParseResult line, System.CommandLine.Option<bool> asWritten) =>
        line.GetValue(asWritten) ? Dsl.Graphs.OptimizationLevel.AsWritten : Dsl.Graphs.OptimizationLevel.All;

    public static System.CommandLine.Option<string> Runs()
    {
        var runs = new System.CommandLine.Option<string>("--runs")
        {
            Description = "The folder of all runs.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "runs",
        };
        runs.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string>() is not { Length: > 0 } folder)
                given.AddError("--runs names no folder; give the folder of all runs.");
            else if (File.Exists(folder))
                given.AddError($"--runs {folder} is a file; give the folder of all runs.");
        });
        return runs;
    }

    public static System.CommandLine.Option<bool> Crf(string what) =>
        new("--crf") { Description = $"{what} the paper's dense CRF after the model." };

    public static Argument<string> Run() =>
        new("RUN") { Description = "The folder of a run, or the beginning of its name under 'runs'." };

    /// <summary>A run by its folder, or by the beginning of its name under <c>runs</c>.</summary>
    public static Either<Error, RunFolder> Find(string run) =>
        run.Length == 0
            ? new Error(
                "no run is named",
                "RUN",
                "give the folder that cmsa train has written, or the beginning of its name"
            )
        : Directory.Exists(run) ? RunFolder.Open(run)
        : (Directory.Exists("runs") ? Directory.GetDirectories("runs") : [])
            .Where(path => Path.GetFileName(path).StartsWith(run, StringComparison.Ordinal))
            .ToArray() switch
        {
            [var only] => RunFolder.Open(only),
            [] => new Error("there is no such run", run, "give the folder that cmsa train has written"),
            var several => new Error($"the beginning of {several.Length} runs", run, "write more of the name"),
        };

    /// <summary>The data of a run; where they lie may be said anew.</summary>
    public static Either<Error, IDataset> Data(RunFolder run, string root) =>
        (run.Experiment.Data with { Root = root.Length > 0 ? root : run.Experiment.Data.Root }).Open();

    /// <summary>Writes a text to a file, its folder made if it is not there.</summary>
    /// <returns>The full path.</returns>
    public static Either<Error, string> Write(string path, string text) => Files.Write(path, text);

    /// <summary>Writes a picture to a PNG file, its folder made if it is not there.</summary>
    /// <returns>The full path.</returns>
    public static Either<Error, string> Write(string path, Picture picture) =>
        PngPath(path).Bind(png => Files.Write(png, PictureFile.Png(picture)));

    /// <summary>
    /// The path of a picture to write; an error where its extension is not <c>.png</c>, since pictures are written as
    /// PNG.
    /// </summary>
    public static Either<Error, string> PngPath(string path) =>
        path.Length == 0 || Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase)
            ? path
            : new Error(
                "the name of a PNG file ends in .png",
                path,
                $"write {Path.ChangeExtension(path, ".png")}: JPEG would change the values of a mask"
            );

    public static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture);
}
