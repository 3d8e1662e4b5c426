using System.Text;
using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Optimizers;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

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

    /// <summary>What happened, a line of JSON each time.</summary>
    public string LogFile => File("log.jsonl");

    /// <summary>
    /// What the backbone started from, where it did not start from nothing: which tensors of which file, and which were
    /// left out.
    /// </summary>
    public string BackboneFile => File("backbone.txt");

    /// <summary>
    /// Whether there is a checkpoint, so that nothing that a run only starts from is needed any more.
    /// </summary>
    public bool HasBegun => System.IO.File.Exists(LastFile) || System.IO.File.Exists(PreviousFile);

    /// <summary>The weights of the best validation.</summary>
    public string BestFile => File("best.safetensors");

    /// <summary>The moving average of the weights at the best validation, where the training keeps one.</summary>
    public string BestAverageFile => File("best-ema.safetensors");

    /// <summary>The newest checkpoint.</summary>
    public string LastFile => File("last.safetensors");

    /// <summary>The checkpoint before the newest.</summary>
    public string PreviousFile => File("previous.safetensors");

    /// <summary>
    /// The weights that a finished run answers with: those of the best validation, averaged where the training keeps an
    /// average, or the last where there was no validation.
    /// </summary>
    public string WeightsFile =>
        new[] { BestAverageFile, BestFile }.FirstOrDefault(System.IO.File.Exists) ?? LastFile;

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
        from written in folder.Described()
        select folder;

    // What is there as it should be is left alone; nothing is written under a process that trains.
    private Either<Error, Unit> Described()
    {
        Many<(string Path, string Text)> changed =
        [
            .. new[]
            {
                (Path: File(Words), Text: $"{Vocabulary}"),
                (Path: File(Description), Text: Experiment.Json + "\n"),
            }.Where(f => !Holds(f.Path, f.Text)),
        ];
        return changed.IsEmpty
            ? unit
            : Lock()
                .Bind(held =>
                {
                    using (held)
                        return changed.Fold(
                            Right<Error, Unit>(unit),
                            (so, file) => so.Bind(_ => Replace(file.Path, file.Text))
                        );
                });
    }

    private static bool Holds(string path, string text) =>
        Failures.Try(path, () => System.IO.File.Exists(path) && System.IO.File.ReadAllText(path) == text).IfLeft(false);

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
        from contents in System.IO.File.Exists(WeightsFile)
            ? TensorFile.Read(WeightsFile)
            : new Error("the run has no weights yet", Path, "let cmsa train come to its first checkpoint")
        from module in Experiment
            .Model.Compile(Experiment.Inputs, options)
            .Match(Succ: Right<Error, Compiled>, Fail: errors => Left(Failures.Of(errors)))
        from filled in Fill(module, contents)
        select module;

    /// <summary>
    /// How far the run has come, from its newest checkpoint; none where there is none that can be read.
    /// </summary>
    public Option<Checkpoint> At =>
        new[] { LastFile, PreviousFile }
            .Where(System.IO.File.Exists)
            .SelectMany(file =>
                TensorFile
                    .Read(file)
                    .Bind(c =>
                    {
                        using (c)
                            return Checkpoint.Of(c.Texts).ToEither(new Error("no checkpoint", file));
                    })
                    .ToSeq()
            )
            .Map(Some)
            .FirstOrDefault();

    /// <summary>The same, without reading the tensors: quick, and not checked for damage.</summary>
    public Option<Checkpoint> Reached =>
        new[] { LastFile, PreviousFile }
            .Where(System.IO.File.Exists)
            .Select(file => TensorFile.Texts(file).Bind(Checkpoint.Of))
            .FirstOrDefault(at => at.IsSome);

    /// <summary>Keeps other processes from training the same run meanwhile.</summary>
    internal Either<Error, IDisposable> Lock() =>
        Failures
            .Try<IDisposable>(
                Path,
                () => new FileStream(File("lock"), FileMode.Create, FileAccess.Write, FileShare.None)
            )
            .MapLeft(_ => new Error("another process is training this run", Path, "wait for it, or stop it"));

    /// <summary>Writes the checkpoint; the one before it stays as <see cref="PreviousFile"/>.</summary>
    internal Either<Error, Unit> Save(
        Compiled module,
        IEnumerable<(string Name, Tensor Tensor)> state,
        Checkpoint at,
        Func<string, Stream>? open = null
    )
    {
        var next = File("next.safetensors");
        return from written in TensorFile
                .Write(next, [.. Weights(module), .. state], at.Texts, open)
                .MapLeft(wrong =>
                    wrong with
                    {
                        Hint = "make room, and train again: it goes on from the checkpoint before",
                    }
                )
               from moved in Failures.Try(
                   LastFile,
                   () =>
                   {
                       if (System.IO.File.Exists(LastFile))
                           System.IO.File.Move(LastFile, PreviousFile, overwrite: true);
                       System.IO.File.Move(next, LastFile, overwrite: true);
                       return unit;
                   }
               )
               select unit;
    }

    /// <summary>Writes the weights as the best, and their average where there is one.</summary>
    internal Either<Error, Unit> SaveBest(Compiled module, WeightAverage? average, Checkpoint at) =>
        from raw in TensorFile.Write(BestFile, [.. Weights(module)], at.Texts)
        from averaged in average is null
            ? unit
            : average.In(() => TensorFile.Write(BestAverageFile, [.. Weights(module)], at.Texts))
        select averaged;

    /// <summary>
    /// Takes up the newest checkpoint that can be read: the last, or the one before it. None where the run has not
    /// begun; an error where there are some and none can be read.
    /// </summary>
    internal Either<Error, Option<Checkpoint>> Resume(
        Compiled module,
        IEnumerable<(string Name, Tensor Tensor)> state
    )
    {
        // One after the other, and the second only where the first failed: each that is taken up overwrites the module.
        var found = new[] { LastFile, PreviousFile }.Where(System.IO.File.Exists).ToArray();
        return found.Length == 0
            ? Option<Checkpoint>.None
            : found
                .Skip(1)
                .Aggregate(
                    Resume(module, state, found[0]),
                    (first, file) => first.IsRight ? first : Resume(module, state, file).MapLeft(_ => (Error)first)
                )
                .Map(Some);
    }

    private static Either<Error, Checkpoint> Resume(
        Compiled module,
        IEnumerable<(string Name, Tensor Tensor)> state,
        string file
    ) =>
        TensorFile
            .Read(file)
            .Bind(contents =>
            {
                using (contents)
                {
                    var targets = Weights(module).Concat(state).ToArray();
                    return Checkpoint
                        .Of(contents.Texts)
                        .Filter(_ => targets.All(t => Fits(t, contents)))
                        .Match(
                            Some: at =>
                            {
                                Copy(targets, contents);
                                return Right<Error, Checkpoint>(at);
                            },
                            None: () =>
                                Left(
                                    new Error(
                                        "no checkpoint of this experiment",
                                        file,
                                        "remove the run's folder and train again"
                                    )
                                )
                        );
                }
            });

    private static Either<Error, Unit> Fill(Compiled module, TensorFile.Contents contents)
    {
        using (contents)
        {
            var targets = Weights(module).ToArray();
            var missing = targets.Where(t => !Fits(t, contents)).ToArray();
            if (missing.Length > 0)
                return new Error($"no weights for {missing[0].Name}", "the run's weights", "they are of another model");
            Copy(targets, contents);
            module.Refresh();
            return unit;
        }
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Weights(Compiled module) =>
        module.Tensors.Select(t => (t.Parameter.Path, t.Tensor));

    private static bool Fits((string Name, Tensor Tensor) target, TensorFile.Contents contents) =>
        contents.Tensors.TryGetValue(target.Name, out var found) && found.shape.SequenceEqual(target.Tensor.shape);

    private static void Copy(IEnumerable<(string Name, Tensor Tensor)> targets, TensorFile.Contents contents)
    {
        using var off = no_grad();
        foreach (var (name, tensor) in targets)
            tensor.copy_(contents.Tensors[name]);
    }

    /// <summary>Writes a text beside a file, down to the disk, then puts it in its place.</summary>
    internal static Either<Error, Unit> Replace(string path, string text) =>
        Failures.Try(
            path,
            () =>
            {
                using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None))
                {
                    file.Write(Encoding.UTF8.GetBytes(text));
                    file.Flush(flushToDisk: true);
                }
                System.IO.File.Move(path + ".new", path, overwrite: true);
                return unit;
            }
        );
}
