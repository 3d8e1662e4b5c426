using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using Cmsa.Experiments.Tables;
using Cmsa.Models.Tables;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Tests;

[Trait("Speed", "Slow")]
public class StudyTests
{
    private static readonly Many<(Benchmark, DataSpec)> unc = [(Benchmark.Unc, Tiny.Data)];

    private static Study Of(Table table, int iterations = 4, int seeds = 1) =>
        new Study(table, Tiny.Sizes, Tiny.Experiment(iterations).Training, unc, seeds).For(iterations);

    private static Study Two(int iterations = 4, int seeds = 1) =>
        Of(PaperTables.Three, iterations, seeds).Only(["none", "all"]).Right();

    private static Unit Ran(Study study, string runs, CancellationToken stop = default) =>
        new StudyRunner(runs, study.Crf, Stop: stop).Run(study.Jobs().Right()).Right();

    private static Results Read(Study study, string runs) => Results.Of(study, study.Jobs().Right(), runs).Right();

    [Fact]
    public void Each_row_data_set_and_seed_is_a_job_of_its_own_and_their_order_is_always_the_same()
    {
        var study = Sources
            .Of(PaperTables.One, "scenes", "", Tiny.Sizes)
            .Map(s => Study.Of(s.Table, Tiny.Sizes, s.Sources, seeds: 2))
            .Right();
        var jobs = study.Jobs().Right();
        Assert.Equal(4 * 2, jobs.Count);
        Assert.Equal(jobs.Count, jobs.Map(j => j.Experiment.Hash).Distinct().Count);
        Assert.Equal(jobs.Map(j => j.Experiment.Hash), study.Jobs().Right().Map(j => j.Experiment.Hash));
        Assert.Equal(["val", "testA", "testB"], jobs[0].Splits);
    }

    [Theory, InlineData(2), InlineData(3)]
    public void Rows_differ_in_their_models_alone(int table)
    {
        var jobs = Of(PaperTables.Find(table).Match(t => t, _ => throw new InvalidOperationException())).Jobs().Right();
        Assert.Single(jobs.Map(j => j.Experiment with { Name = "", Model = jobs[0].Experiment.Model }).Distinct());
        Assert.Equal(jobs.Count, jobs.Map(j => j.Experiment.Model).Distinct().Count);
    }

    [Theory, InlineData(2), InlineData(3)]
    public void Rows_start_alike_wherever_they_share_a_parameter(int table)
    {
        var jobs = Of(PaperTables.Find(table).Match(t => t, _ => throw new InvalidOperationException())).Jobs().Right();
        var modules = jobs.Map(j =>
            j.Experiment.Model.Compile(j.Experiment.Inputs, new(Training: true, Seed: j.Experiment.Seed))
                .Match(m => m, e => throw new InvalidOperationException($"{e}"))
        );
        var shared = modules
            .SelectMany(m => m.Tensors)
            .GroupBy(t => (t.Parameter.Path, $"{t.Parameter.Of}"))
            .Where(g => g.Count() > 1)
            .ToArray();
        // RMI's code scores each place alone, all others with 3x3 cells.
        var scoredByPlace = jobs.Count(j => j.Row.Key == "rmi-lstm-cited");
        Assert.Contains(shared, g => g.Key.Path == "mask.weight" && g.Count() == jobs.Count - scoredByPlace);
        Assert.All(shared, g => Assert.All(g, t => Assert.True(t.Tensor.Equals(g.First().Tensor), g.Key.Path)));
        foreach (var module in modules)
            module.Dispose();
    }

    [Fact]
    public void Rows_learn_from_the_same_samples_in_the_same_order()
    {
        using var folder = new Folder();
        var read = Two(3)
            .Jobs()
            .Right()
            .Map(job =>
            {
                var watched = new Watched(job.Data);
                Trainer
                    .Run(
                        RunFolder.Create(folder.Path, job.Experiment, job.Data.Vocabulary).Right(),
                        watched,
                        steps: Some(3)
                    )
                    .Right();
                return watched.Training;
            });
        // Threads read ahead, two samples may change places and the last ones may be missing: three steps of four take
        // the first dozen.
        var expected = Many.Range(12).Map(step => new Sampler(Tiny.Data.Train, 0).At(step));
        Assert.All(read, indices => Assert.Subset(indices.Take(14).ToHashSet(), expected.ToHashSet()));
        Assert.NotEqual(expected, expected.Order().ToMany());
    }

    [Fact]
    public void What_has_run_is_not_run_again_and_what_was_interrupted_goes_on()
    {
        using var folder = new Folder();
        var study = Two(40);
        using var stop = new CancellationTokenSource();
        var stopping = new Relay<StudyProgress>(p =>
        {
            if (p is StudyProgress.Training { Number: 2, Progress: Progress.Stepped })
                stop.Cancel();
        });
        Assert.Equal(
            Failures.Interrupted,
            new StudyRunner(folder.Path, Progress: stopping, Stop: stop.Token).Run(study.Jobs().Right()).Left()
        );
        var (half, unfinished) = (Read(study, folder.Path), Assert.Single(Read(study, folder.Path).Unfinished));
        Assert.Equal(("all", "step 20 of 40"), (unfinished.Job.Row.Key, unfinished.State));
        Assert.Equal([1, 0], half.Rows.Map(r => r.Cells.Head.Plain.Seeds.Count));

        var told = new List<StudyProgress>();
        new StudyRunner(folder.Path, Progress: new Relay<StudyProgress>(told.Add)).Run(study.Jobs().Right()).Right();
        Assert.All(told.OfType<StudyProgress.Training>(), t => Assert.Equal(2, t.Number));
        Assert.Equal(
            20,
            told.OfType<StudyProgress.Training>().Select(t => t.Progress).OfType<Progress.Started>().Single().Step
        );
        Assert.Empty(Read(study, folder.Path).Unfinished);

        told.Clear();
        new StudyRunner(folder.Path, Progress: new Relay<StudyProgress>(told.Add)).Run(study.Jobs().Right()).Right();
        Assert.Empty(told);
    }

    [Fact]
    public void One_task_is_one_row_and_seed()
    {
        using var folder = new Folder();
        var study = Two(2, seeds: 2);
        var jobs = study.Jobs().Right();
        new StudyRunner(folder.Path).Run(jobs, 3).Right();
        Assert.Equal(jobs[3].Experiment.Folder, Path.GetFileName(Assert.Single(Directory.GetDirectories(folder.Path))));
        Assert.Equal([0, 1, 2], Read(study, folder.Path).Unfinished.Map(u => jobs.IndexOf(u.Job)));
        Assert.Contains("0 to 3", new StudyRunner(folder.Path).Run(jobs, 4).Left().Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_are_kept_as_long_as_the_weights_are_those_that_were_scored()
    {
        using var folder = new Folder();
        var study = Two() with { Crf = true };
        Ran(study, folder.Path);
        var run = RunFolder
            .Find(folder.Path, study.Jobs().Right()[0].Experiment)
            .Right()
            .IfNone(() => throw new InvalidOperationException());
        var kept = Evaluated.Read(run, "val", None).IfNone(() => throw new InvalidOperationException());
        using var module = run.Model().Right();
        var again = Evaluation
            .Of(study.Jobs().Right()[0].Data, "val", ModelAnswer.Of(module, run.Experiment, run.Vocabulary))
            .Right();
        Assert.Equal(again.Total, kept.Scores.Total);
        Assert.Equal(again.ByTopic, kept.Scores.ByTopic);
        Assert.Equal(again.ByLength, kept.Scores.ByLength);
        Assert.True(Evaluated.Read(run, "val", new DenseCrf()).IsSome);
        Assert.True(Evaluated.Read(run, "val", new DenseCrf(Iterations: 4)).IsNone);
        File.Copy(run.LastFile, run.BestFile, overwrite: true);
        Assert.True(Evaluated.Read(run, "val", None).IsNone);
        File.WriteAllText(Path.Combine(run.Path, "evaluation-val.json"), "{");
        Assert.True(Evaluated.Read(run, "val", None).IsNone);
    }

    [Fact]
    public void A_run_is_found_whatever_its_model_was_called()
    {
        using var folder = new Folder();
        Ran(Of(PaperTables.Two).Only(["CMSA-W"]).Right(), folder.Path);
        Assert.Empty(Read(Of(PaperTables.Three).Only(["all"]).Right(), folder.Path).Unfinished);
    }

    [Fact]
    public void A_broken_run_folder_or_one_of_another_version_is_one_error_and_stays_as_it_is()
    {
        using var folder = new Folder();
        var study = Two();
        Ran(study, folder.Path);
        var job = study.Jobs().Right()[0];
        var file = Path.Combine(folder.Path, job.Experiment.Folder, "experiment.json");
        var whole = File.ReadAllText(file);
        foreach (
            var (text, said) in new[]
            {
                (whole[..100], "not an experiment"),
                (
                    whole.Replace("\"SelfAttention\"", "\"SelfRegard\"", StringComparison.Ordinal),
                    "there is no layer SelfRegard"
                ),
                (whole.Replace("\"batch\"", "\"bunch\"", StringComparison.Ordinal), "bunch"),
                (whole.Replace("\"seed\": 0", "\"seed\": 5", StringComparison.Ordinal), "another version"),
            }
        )
        {
            File.WriteAllText(file, text);
            var failure = new StudyRunner(folder.Path).Run(study.Jobs().Right()).Left();
            Assert.Contains(said, failure.What, StringComparison.Ordinal);
            Assert.Contains(job.Experiment.Folder, failure.Where, StringComparison.Ordinal);
            Assert.Contains("to train again", failure.Hint, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', $"{failure}");
            Assert.Equal(failure.What, Results.Of(study, study.Jobs().Right(), folder.Path).Left().What);
            Assert.Equal(text, File.ReadAllText(file));
        }
    }

    [Fact]
    public void Unknown_rows_and_data_sets_are_one_error_with_what_there_is()
    {
        Assert.Contains("cross-terms", Of(PaperTables.Three).Only(["some"]).Left().Hint, StringComparison.Ordinal);
        Assert.Contains("cmsa", Of(PaperTables.One).Only(["RMI"]).Left().Hint, StringComparison.Ordinal);
        Assert.Contains(
            "scenes/gref",
            Sources.Of(PaperTables.Three, "coco", "", Tiny.Sizes).Left().Hint,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "--root",
            Sources
                .Of(PaperTables.Three, "refer", "", Tiny.Sizes)
                .Bind(s => Study.Of(s.Table, Tiny.Sizes, s.Sources).Jobs())
                .Left()
                .Hint,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [
        InlineData("", "", "scenes/unc"),
        InlineData("", "/refer", "refcoco/unc"),
        InlineData("UNC+", "", "scenes/unc+"),
        InlineData("unc+", "/refer", "refcoco+/unc")
    ]
    [InlineData("scenes/gref", "/refer", "scenes/gref"), InlineData("refcocog/google", "/refer", "refcocog/google")]
    public void A_data_set_goes_by_its_names(string dataset, string root, string name)
    {
        var (table, sources) = Sources.Of(PaperTables.Three, dataset, root, Tiny.Sizes).Right();
        Assert.Equal(name, Assert.Single(sources).Data.Name);
        Assert.NotEmpty(new Study(table, Tiny.Sizes, new(), sources).Columns);
    }

    private sealed class Watched(IDataset data) : IDataset
    {
        private readonly Lock gate = new();
        private readonly List<int> read = [];

        public Many<int> Training
        {
            get
            {
                lock (gate)
                    return [.. read];
            }
        }

        public string Name => data.Name;

        public Many<string> Splits => data.Splits;

        public Vocabulary Vocabulary => data.Vocabulary;

        public int Count(string split) => data.Count(split);

        public Either<Error, Sample> Read(string split, int index)
        {
            lock (gate)
                if (split == "train")
                    read.Add(index);
            return data.Read(split, index);
        }
    }
}
