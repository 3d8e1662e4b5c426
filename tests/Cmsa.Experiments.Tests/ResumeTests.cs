using Cmsa.Dsl.Graphs;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tests;

[Trait("Speed", "Slow")]
public class ResumeTests
{
    [Fact]
    public void What_was_interrupted_ends_bit_for_bit_where_the_uninterrupted_ends()
    {
        using var folder = new Folder();
        var whole = Trainer.Run(Tiny.Experiment(), Path.Combine(folder.Path, "whole")).Right();
        Option<Trained> parts = None;
        foreach (var steps in new[] { 17, 6, 40 })
            parts = Trainer.Run(Tiny.Experiment(), Path.Combine(folder.Path, "parts"), steps: Some(steps)).Right();
        Assert.True(whole.IsDone && parts.Exists(p => p.IsDone));
        Assert.Equal(40, whole.At.Step);
        AssertSame(whole.Run.LastFile, parts.Map(p => p.Run.LastFile).IfNone(""));
        AssertSame(whole.Run.BestFile, parts.Map(p => p.Run.BestFile).IfNone(""));
    }

    [Fact]
    public void Averaged_weights_and_patience_are_resumed_bit_for_bit()
    {
        using var folder = new Folder();
        var experiment = Tiny.Experiment(60) with
        {
            Training = Tiny.Experiment(60).Training with { ValidateEvery = 8, SaveEvery = 5, Ema = 0.9, Patience = 2 },
        };
        var whole = Trainer.Run(experiment, Path.Combine(folder.Path, "whole")).Right();
        Option<Trained> parts = None;
        foreach (var steps in new[] { 7, 6, 60 })
        {
            parts = Trainer.Run(experiment, Path.Combine(folder.Path, "parts"), steps: Some(steps)).Right();
            // As a process leaves it that was killed after its last checkpoint but one.
            parts.Filter(p => !p.IsDone && steps == 6).IfSome(p => File.Move(p.Run.PreviousFile, p.Run.LastFile, overwrite: true));
        }
        var resumed = parts.IfNone(whole);
        Assert.NotEqual(whole.Run.Path, resumed.Run.Path);
        Assert.True(whole.IsDone && resumed.IsDone);
        AssertSame(whole.Run.LastFile, resumed.Run.LastFile);
        AssertSame(whole.Run.BestFile, resumed.Run.BestFile);
        AssertSame(whole.Run.BestAverageFile, resumed.Run.BestAverageFile);
        Assert.Equal(whole.Run.BestAverageFile, whole.Run.WeightsFile);
        using var last = TensorFile.Read(whole.Run.LastFile).Right();
        Assert.Contains(last.Tensors.Keys, name => name.StartsWith("ema/", StringComparison.Ordinal));
        var lines = Log.Read(whole.Run.LogFile).Select(l => l.Values).ToArray();
        Assert.All(lines.Where(l => l.ContainsKey("overall_iou")), l => Assert.True(l.ContainsKey("ema_overall_iou")));
        Assert.All(lines.Where(l => l.ContainsKey("loss")), l => Assert.True((double)l["gradient_norm"]! > 0));
    }

    [Fact]
    public void Without_a_better_validation_training_stops_and_stays_stopped()
    {
        using var folder = new Folder();
        var experiment = Tiny.Experiment(60) with
        {
            // Nothing is learnt but the statistics of batch norms, so that soon no validation is better.
            Training = Tiny.Experiment(60).Training with
            {
                LearningRate = 1e-12,
                FinalRate = 0,
                ValidateEvery = 4,
                Patience = 3,
            },
        };
        var stopped = Trainer.Run(experiment, folder.Path).Right();
        Assert.True(stopped.IsDone);
        Assert.InRange(stopped.At.Step, 16, 40);
        Assert.Equal(stopped.At.BestStep + 3 * 4, stopped.At.Step);
        Assert.Equal(stopped.At, stopped.Run.At.IfNone(Checkpoint.Start));
        var written = File.GetLastWriteTimeUtc(stopped.Run.LastFile);
        var again = Trainer.Run(experiment, folder.Path).Right();
        Assert.Equal((stopped.At.Step, true, written), (again.At.Step, again.IsDone, File.GetLastWriteTimeUtc(again.Run.LastFile)));
    }

    [Fact]
    public void What_was_killed_goes_on_from_its_last_checkpoint()
    {
        using var folder = new Folder();
        var whole = Trainer.Run(Tiny.Experiment(30), Path.Combine(folder.Path, "whole")).Right();
        var parts = Trainer.Run(Tiny.Experiment(30), Path.Combine(folder.Path, "parts"), steps: Some(17)).Right();
        // As a process that was killed after step 17 leaves it: the checkpoint of step 10, a log that goes on, a file
        // half written.
        File.Move(parts.Run.PreviousFile, parts.Run.LastFile, overwrite: true);
        File.WriteAllText(Path.Combine(parts.Run.Path, "next.safetensors.new"), "half a file");
        File.AppendAllText(parts.Run.LogFile, "{\"step\":1");
        var resumed = Trainer.Run(Tiny.Experiment(30), Path.Combine(folder.Path, "parts")).Right();
        AssertSame(whole.Run.LastFile, resumed.Run.LastFile);
        Assert.Equal(
            Log.Read(whole.Run.LogFile).Select(l => l.Step).Where(s => s % 10 == 0),
            Log.Read(resumed.Run.LogFile).Select(l => l.Step).Where(s => s % 10 == 0)
        );
    }

    [Theory, InlineData(20), InlineData(40)]
    public void An_interrupted_validation_is_done_when_the_run_goes_on(int step)
    {
        using var folder = new Folder();
        var experiment = Tiny.Experiment() with
        {
            Training = Tiny.Experiment().Training with { ValidateEvery = 20, SaveEvery = 50 },
        };
        var whole = Trainer.Run(experiment, Path.Combine(folder.Path, "whole")).Right();
        using var stop = new CancellationTokenSource();
        var parts = Trainer
            .Run(
                experiment,
                Path.Combine(folder.Path, "parts"),
                stop: stop.Token,
                progress: new Relay<Progress>(said =>
                {
                    if (said is Progress.Stepped at && at.Step == step)
                        stop.Cancel();
                })
            )
            .Right();
        Assert.Equal((step, true, false), (parts.At.Step, parts.At.Unvalidated, parts.IsDone));
        Assert.Equal(parts.At, parts.Run.At.IfNone(Checkpoint.Start));
        Assert.DoesNotContain(step, Validations(parts).Select(v => v.Step));
        // As a process leaves it that was killed after the validation and before the checkpoint that knows of it.
        File.AppendAllLines(parts.Run.LogFile, [$"{{\"step\":{step},\"overall_iou\":0.5}}"]);
        var resumed = Trainer.Run(experiment, Path.Combine(folder.Path, "parts")).Right();
        Assert.True(resumed.IsDone);
        AssertSame(whole.Run.LastFile, resumed.Run.LastFile);
        AssertSame(whole.Run.BestFile, resumed.Run.BestFile);
        Assert.Equal(Validations(whole), Validations(resumed));

        static (int Step, string Iou)[] Validations(Trained trained) =>
            [
                .. Log.Read(trained.Run.LogFile)
                    .Where(l => l.Values.ContainsKey("overall_iou"))
                    .Select(l => (l.Step, $"{l.Values["overall_iou"]} {l.Values["mean_iou"]}")),
            ];
    }

    [Fact]
    public void What_a_validation_fails_of_is_said()
    {
        using var folder = new Folder();
        var data = Tiny.Data.Open().Right();
        var run = RunFolder.Create(folder.Path, Tiny.Experiment(1), data.Vocabulary).Right();
        Directory.CreateDirectory(run.BestFile);
        Assert.Equal(run.BestFile, Trainer.Run(run, data).Left().Where);
    }

    [Fact]
    public void Other_words_are_not_given_to_a_run_that_has_begun()
    {
        using var folder = new Folder();
        var experiment = Tiny.Experiment(4);
        var words = Tiny.Data.Open().Right().Vocabulary;
        var others = Vocabulary.Of(words.Words.Take(words.Count - 1).Add("unheard")).Right();
        string Text(RunFolder run) => File.ReadAllText(Path.Combine(run.Path, "vocabulary.txt"));

        var early = RunFolder.Create(folder.Path, experiment, others).Right();
        Assert.Equal($"{others}", Text(early));
        var run = Trainer.Run(experiment, folder.Path, steps: Some(2)).Right().Run;
        Assert.Equal((early.Path, $"{words}"), (run.Path, Text(run)));

        var failure = RunFolder.Create(folder.Path, experiment, others).Left();
        Assert.Equal(Path.Combine(run.Path, "vocabulary.txt"), failure.Where);
        Assert.Contains("other words", failure.What, StringComparison.Ordinal);
        Assert.Contains("move the run's folder away", failure.Hint, StringComparison.Ordinal);
        Assert.Equal($"{words}", Text(run));
    }

    [Fact]
    public void What_describes_a_run_is_left_alone_where_nothing_changes()
    {
        using var folder = new Folder();
        var run = Trainer.Run(Tiny.Experiment(4), folder.Path, steps: Some(2)).Right().Run;
        string[] files = ["experiment.json", "vocabulary.txt"];
        foreach (var file in files)
            File.SetLastWriteTimeUtc(Path.Combine(run.Path, file), DateTime.UnixEpoch);
        Trainer.Run(Tiny.Experiment(4), folder.Path).Right();
        Assert.All(
            files,
            file => Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(Path.Combine(run.Path, file)))
        );
        using var held = run.Lock().Right();
        Assert.Contains(
            "another process",
            RunFolder
                .Create(
                    folder.Path,
                    Tiny.Experiment(4) with
                    {
                        Data = Tiny.Data with { Root = "elsewhere" },
                    },
                    run.Vocabulary
                )
                .Left()
                .What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_run_begun_as_written_is_the_same_run_optimised()
    {
        using var folder = new Folder();
        var begun = Trainer
            .Run(Tiny.Experiment(20), folder.Path, steps: Some(7), effort: OptimizationLevel.AsWritten)
            .Right();
        var ended = Trainer.Run(Tiny.Experiment(20), folder.Path).Right();
        Assert.Equal(begun.Run.Path, ended.Run.Path);
        Assert.Equal((7, 20, true), (begun.At.Step, ended.At.Step, ended.IsDone));
        // A sample through both programs, with the weights of this run: the same mask.
        var sample = Tiny.Data.Open().Bind(data => data.Read("val", 0).MapLeft(wrong => (Error)wrong)).Right();
        float[] Logits(OptimizationLevel effort) =>
            ended
                .Run.Model(new(Optimise: effort))
                .Map(module =>
                {
                    using (module)
                        return ModelAnswer.Logits(module, ended.Run.Experiment, ended.Run.Vocabulary, [sample])[0];
                })
                .Right();
        Assert.All(
            Logits(OptimizationLevel.All).Zip(Logits(OptimizationLevel.AsWritten)),
            pair => Assert.Equal(pair.Item2, pair.Item1, 1e-3)
        );
    }

    [Fact]
    public void A_run_that_is_done_is_left_as_it_is()
    {
        using var folder = new Folder();
        var first = Trainer.Run(Tiny.Experiment(5), folder.Path).Right();
        var written = File.GetLastWriteTimeUtc(first.Run.LastFile);
        var second = Trainer.Run(Tiny.Experiment(5), folder.Path).Right();
        Assert.True(second.IsDone);
        Assert.Equal(written, File.GetLastWriteTimeUtc(second.Run.LastFile));
    }

    [Fact]
    public void A_damaged_checkpoint_gives_way_to_the_one_before_it()
    {
        using var folder = new Folder();
        var run = Trainer.Run(Tiny.Experiment(), folder.Path, steps: Some(23)).Right().Run;
        File.WriteAllBytes(run.LastFile, File.ReadAllBytes(run.LastFile)[..^100]);
        Assert.Equal(20, run.At.Map(a => a.Step).IfNone(-1));
        Assert.True(Trainer.Run(Tiny.Experiment(), folder.Path).Right().IsDone);
    }

    [Theory]
    [InlineData(0), InlineData(7), InlineData(2000)]
    public void Where_no_checkpoint_can_be_read_the_error_names_the_file(int length)
    {
        using var folder = new Folder();
        var run = Trainer.Run(Tiny.Experiment(), folder.Path, steps: Some(3)).Right().Run;
        var bytes = File.ReadAllBytes(run.LastFile);
        File.WriteAllBytes(run.LastFile, bytes[..length]);
        var failure = Trainer.Run(Tiny.Experiment(), folder.Path).Left();
        Assert.Equal(run.LastFile, failure.Where);
        Assert.Contains("cut off or damaged", failure.What, StringComparison.Ordinal);
        bytes[^1] ^= 1;
        File.WriteAllBytes(run.LastFile, bytes);
        Assert.Contains(
            "cut off or damaged",
            Trainer.Run(Tiny.Experiment(), folder.Path).Left().What,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_full_disk_leaves_the_file_that_was_there()
    {
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "x.safetensors");
        using var one = TorchSharp.torch.ones(1000);
        TensorFile.Write(path, [("one", one)], new Dictionary<string, string> { ["step"] = "1" }).Right();
        var before = File.ReadAllBytes(path);
        using var two = one * 2;
        var failure = TensorFile
            .Write(path, [("one", two)], new Dictionary<string, string>(), name => new FullDisk(File.Create(name), 500))
            .Left();
        Assert.Equal("No space left on device", failure.What);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Two_processes_do_not_train_one_run()
    {
        using var folder = new Folder();
        var run = Trainer.Run(Tiny.Experiment(), folder.Path, steps: Some(1)).Right().Run;
        using var held = run.Lock().Right();
        Assert.Contains(
            "another process",
            Trainer.Run(Tiny.Experiment(), folder.Path).Left().What,
            StringComparison.Ordinal
        );
    }

    // Equal but for how long it took.
    private static void AssertSame(string left, string right)
    {
        using TensorFile.Contents a = TensorFile.Read(left).Right(),
            b = TensorFile.Read(right).Right();
        Assert.Equal(a.Tensors.Keys, b.Tensors.Keys);
        Assert.All(a.Tensors, t => Assert.Equal(t.Value.bytes.ToArray(), b.Tensors[t.Key].bytes.ToArray()));
        Assert.Equal(a.Texts.Where(t => t.Key != "seconds"), b.Texts.Where(t => t.Key != "seconds"));
    }

    private sealed class FullDisk(Stream file, long room) : Stream
    {
        private long room = room;

        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => file.Length;
        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public override void Flush() => file.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            if ((room -= count) < 0)
                throw new IOException("No space left on device");
            file.Write(buffer, offset, count);
        }

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            base.Dispose(disposing);
        }
    }
}
