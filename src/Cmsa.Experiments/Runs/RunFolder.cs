using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// The folder of one experiment: <c>experiment.json</c>, <c>vocabulary.txt</c>, <c>log.jsonl</c> (also as
/// <c>log.csv</c> and as an event file of TensorBoard), <c>backbone.txt</c> (what came of the weights that the
/// backbone started from, where it did), <c>best.safetensors</c> (weights; with <c>best-ema.safetensors</c>, their moving
/// average, where the training keeps one), and
/// <c>last.safetensors</c> (weights, the optimiser's state, how far it has come) with the one before it. Every file is
/// replaced as a whole.
/// </summary>
/// <param name="Path">Where it is.</param>
/// <param name="Experiment">What it is a run of.</param>
/// <param name="Vocabulary">The words that its model knows.</param>
public sealed record RunFolder(string Path, Experiment Experiment, Vocabulary Vocabulary)
{
    private const string Description = "experiment.json",
        Words = "vocabulary.txt";

    private string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The files that every run has, whatever it trains.</summary>
    internal RunFiles Files => new(Path);

    /// <summary>What happened, a line of JSON each time.</summary>
    public string LogFile => Files.LogFile;

    /// <summary>
    /// What the backbone started from, where it did not start from nothing: which tensors of which file, and which were
    /// left out.
    /// </summary>
    public string BackboneFile => File("backbone.txt");

    /// <summary>
    /// Whether there is a checkpoint, so that nothing that a run only starts from is needed any more.
    /// </summary>
    public bool HasBegun => Files.HasBegun;

    /// <summary>The weights of the best validation.</summary>
    public string BestFile => Files.BestFile;

    /// <summary>The moving average of the weights at the best validation, where the training keeps one.</summary>
    public string BestAverageFile => Files.BestAverageFile;

    /// <summary>The newest checkpoint.</summary>
    public string LastFile => Files.LastFile;

    /// <summary>The checkpoint before the newest.</summary>
    public string PreviousFile => Files.PreviousFile;

    /// <summary>
    /// The weights that a finished run answers with: those of the best validation, averaged where the training keeps an
    /// average, or the last where there was no validation.
    /// </summary>
    public string WeightsFile => Files.WeightsFile;

    /// <summary>
    /// The folder of an experiment under <paramref name="runs"/>, made if it is not there; of one that is there only
    /// what differs is written anew. An error where one is there that another version has written, or that is damaged,
    /// or that has learnt other words, where the model does not know all words, or where the backbone cannot start as
    /// it should: nothing is made then, and nothing overwritten.
    /// </summary>
    public static Either<Error, RunFolder> Create(string runs, Experiment experiment, Vocabulary vocabulary) =>
        from known in experiment.Knows(vocabulary)
        from found in Find(runs, experiment)
        from same in found
            .Filter(run => run.HasBegun && !run.Vocabulary.Equals(vocabulary))
            .Match(
                run =>
                    Left<Error, Unit>(
                        new(
                            "the run has learnt other words than the data has now",
                            run.File(Words),
                            "move the run's folder away to train again, or give the data that it has learnt from"
                        )
                    ),
                () => unit
            )
        let folder = found.Match(
            run => run with { Experiment = experiment with { Name = run.Experiment.Name }, Vocabulary = vocabulary },
            () => new RunFolder(System.IO.Path.Combine(runs, experiment.Folder), experiment, vocabulary)
        )
        from ready in folder.HasBegun ? Right<Error, Unit>(unit) : experiment.Ready
        from made in Failures.Try(folder.Path, () => Directory.CreateDirectory(folder.Path))
        from written in folder.Files.Describe([(Words, $"{vocabulary}"), (Description, folder.Experiment.Json + "\n")])
        select folder;

    /// <summary>
    /// The folder of an experiment that is there under <paramref name="runs"/>, whatever people called the model; none
    /// where it has not begun.
    /// </summary>
    public static Either<Error, Option<RunFolder>> Find(string runs, Experiment experiment) =>
        (Directory.Exists(runs) ? Directory.GetDirectories(runs, $"{experiment.Hash}-*") : [])
            .Where(path => System.IO.File.Exists(System.IO.Path.Combine(path, Description)))
            .Order(StringComparer.Ordinal)
            .FirstOrDefault()
            is not { } there
            ? Option<RunFolder>.None
            : Open(there)
                .Bind(run =>
                    run.Experiment.Hash == experiment.Hash
                        ? Right<Error, Option<RunFolder>>(run)
                        : Left(
                            new Error(
                                "another version of this program has written the run, or it was changed by hand",
                                there,
                                "move the folder away to train again"
                            )
                        )
                );

    /// <summary>A folder that is there; an error that says what is missing where it is no run.</summary>
    public static Either<Error, RunFolder> Open(string path) =>
        !Directory.Exists(path) ? new Error("there is no such run", path, "give the folder that cmsa train has written")
        : !System.IO.File.Exists(System.IO.Path.Combine(path, Description))
            ? new Error(
                $"the folder is no run: there is no {Description} in it",
                path,
                "give the folder that cmsa train has written"
            )
        : from json in Failures.Try(path, () => System.IO.File.ReadAllText(System.IO.Path.Combine(path, Description)))
          from experiment in Experiment.Parse(json, System.IO.Path.Combine(path, Description))
          from vocabulary in Vocabulary.Read(System.IO.Path.Combine(path, Words)).MapLeft(wrong => (Error)wrong)
          select new RunFolder(path, experiment, vocabulary);

    /// <summary>
    /// The digest of a backbone's file by its path, as the runs of a folder that have begun with it remember it.
    /// </summary>
    /// <param name="runs">The folder of the runs.</param>
    public static Func<string, Option<string>> BackboneDigests(string runs) =>
        file =>
        {
            var folders = Directory.Exists(runs) ? Directory.GetDirectories(runs) : [];
            var digests = folders
                .SelectMany(folder => Open(folder).ToSeq())
                .Where(run => run.HasBegun)
                .SelectMany(run => run.Experiment.Backbone.ToSeq())
                .Where(backbone => backbone.File == file)
                .Select(backbone => backbone.Sha256)
                .Distinct()
                .ToArray();
            return digests is [var only] ? only : Option<string>.None;
        };

    /// <summary>Its model for inference, with the best weights, or the last where there was no validation.</summary>
    /// <param name="options">How it is compiled; on the CPU if not given.</param>
    public Either<Error, Compiled> Model(Options? options = null) =>
        Files.Model(() =>
            Experiment
                .Model.Compile(Experiment.Inputs, options)
                .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors)))
        );

    /// <summary>
    /// How far the run has come, from its newest checkpoint; none where there is none that can be read.
    /// </summary>
    public Option<Checkpoint> At => Files.At;

    /// <summary>The same, without reading the tensors: quick, and not checked for damage.</summary>
    public Option<Checkpoint> Reached => Files.Reached;

    /// <summary>Keeps other processes from training the same run meanwhile.</summary>
    internal Either<Error, IDisposable> Lock() => Files.Lock();
}
