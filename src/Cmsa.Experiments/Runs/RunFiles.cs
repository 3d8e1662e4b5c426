using System.Text;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Optimizers;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Runs;

/// <summary>
/// The files of a run that are the same whatever is trained: the lock, the log, the checkpoints and the best weights.
/// Every file is replaced as a whole.
/// </summary>
/// <param name="Path">The run's folder.</param>
internal sealed record RunFiles(string Path)
{
    private string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>What happened, a line of JSON each time.</summary>
    public string LogFile => File("log.jsonl");

    /// <summary>The weights of the best validation.</summary>
    public string BestFile => File("best.safetensors");

    /// <summary>The moving average of the weights at the best validation, where the training keeps one.</summary>
    public string BestAverageFile => File("best-ema.safetensors");

    /// <summary>The newest checkpoint.</summary>
    public string LastFile => File("last.safetensors");

    /// <summary>The checkpoint before the newest.</summary>
    public string PreviousFile => File("previous.safetensors");

    /// <summary>The weights that a finished run answers with.</summary>
    public string WeightsFile =>
        new[] { BestAverageFile, BestFile }.FirstOrDefault(System.IO.File.Exists) ?? LastFile;

    /// <summary>Whether there is a checkpoint.</summary>
    public bool HasBegun => System.IO.File.Exists(LastFile) || System.IO.File.Exists(PreviousFile);

    /// <summary>How far the run has come, from its newest checkpoint that can be read; none where there is none.</summary>
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
    public Either<Error, IDisposable> Lock() =>
        Failures
            .Try<IDisposable>(
                Path,
                () => new FileStream(File("lock"), FileMode.Create, FileAccess.Write, FileShare.None)
            )
            .MapLeft(_ => new Error("another process is training this run", Path, "wait for it, or stop it"));

    /// <summary>Writes the checkpoint; the one before it stays as <see cref="PreviousFile"/>.</summary>
    public Either<Error, Unit> Save(
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
    public Either<Error, Unit> SaveBest(Compiled module, WeightAverage? average, Checkpoint at) =>
        from raw in TensorFile.Write(BestFile, [.. Weights(module)], at.Texts)
        from averaged in average is null
            ? unit
            : average.In(() => TensorFile.Write(BestAverageFile, [.. Weights(module)], at.Texts))
        select averaged;

    /// <summary>
    /// Takes up the newest checkpoint that can be read: the last, or the one before it. None where the run has not
    /// begun; an error where there are some and none can be read.
    /// </summary>
    public Either<Error, Option<Checkpoint>> Resume(
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

    /// <summary>A compiled module with the weights that the run answers with.</summary>
    /// <param name="compile">Compiles the run's model.</param>
    public Either<Error, Compiled> Model(Func<Either<Error, Compiled>> compile) =>
        from contents in System.IO.File.Exists(WeightsFile)
            ? TensorFile.Read(WeightsFile)
            : new Error("the run has no weights yet", Path, "let cmsa train come to its first checkpoint")
        from module in compile()
        from filled in Fill(module, contents)
        select module;

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

    /// <summary>
    /// Writes those of some texts that their files do not hold already, under the run's lock; nothing is written under a
    /// process that trains.
    /// </summary>
    public Either<Error, Unit> Describe(Many<(string Name, string Text)> texts)
    {
        var changed = texts.Map(t => (Path: File(t.Name), t.Text)).Filter(t => !Holds(t.Path, t.Text));
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

    /// <summary>Writes a text beside a file, down to the disk, then puts it in its place.</summary>
    public static Either<Error, Unit> Replace(string path, string text) =>
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
