using System.Diagnostics;
using System.Globalization;
using Cmsa.Dsl.Graphs;
using Cmsa.Experiments;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Reports;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>
/// One batch of everything that a training does: a step, a validation, a checkpoint that is read back, a report. It takes
/// place in a folder of its own among the runs, which is removed again.
/// </summary>
/// <param name="Experiment">What was checked.</param>
/// <param name="Loss">The loss of the step, per pixel.</param>
/// <param name="Score">The score of the validation.</param>
/// <param name="Checkpoint">The size of the checkpoint, in bytes.</param>
/// <param name="Report">The size of the report, in bytes.</param>
/// <param name="Times">What each part took.</param>
internal sealed record DryRun(
    Experiment Experiment,
    double Loss,
    Score Score,
    long Checkpoint,
    long Report,
    DryRun.Durations Times
)
{
    private const int Shown = 1;

    /// <summary>How long the parts of a dry run took.</summary>
    /// <param name="Compiled">Until the first step began.</param>
    /// <param name="Trained">The step.</param>
    /// <param name="Validated">The validation.</param>
    /// <param name="Saved">Writing the checkpoint and reading it back.</param>
    /// <param name="Reported">The report.</param>
    public sealed record Durations(
        TimeSpan Compiled,
        TimeSpan Trained,
        TimeSpan Validated,
        TimeSpan Saved,
        TimeSpan Reported
    )
    {
        /// <summary>All together.</summary>
        public TimeSpan All => Compiled + Trained + Validated + Saved + Reported;
    }

    /// <summary>Checks an experiment.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="runs">The folder of the runs; one that is not there is not there afterwards.</param>
    /// <param name="device">Where the model runs.</param>
    /// <param name="effort">How far it is rewritten first.</param>
    /// <param name="stop">Cancelled to stop.</param>
    public static Either<Error, DryRun> Of(
        Experiment experiment,
        string runs,
        string device,
        OptimizationLevel effort,
        CancellationToken stop
    ) => TemporaryRuns.In(runs, "dry-run", folder => Of(Briefly(experiment), experiment, folder, device, effort, stop));

    private static Either<Error, DryRun> Of(
        Experiment brief,
        Experiment experiment,
        string folder,
        string device,
        OptimizationLevel effort,
        CancellationToken stop
    )
    {
        var watch = new Watch();
        return from fits in experiment.Problem.Match(problem => Left<Error, Unit>(problem), () => unit)
               from data in experiment.Data.Open()
               from run in RunFolder.Create(folder, brief, data.Vocabulary)
               from trained in Trainer.Run(run, data, device, watch, effort: effort, stop: stop)
               from finished in trained.IsDone ? Right<Error, Unit>(unit) : Failures.Interrupted
               from at in run.At.ToEither(new Error("the checkpoint cannot be read back", run.LastFile))
               let saved = watch.Now
               from report in Cmsa.Experiments.Reports.Report.Of(
                   run,
                   new FirstSamples(data, Shown),
                   SplitOf(data),
                   options: new(Device: device, Optimise: effort)
               )
               from page in Files.Write(Path.Combine(folder, "report.html"), report.ToHtml())
               select new DryRun(
                   experiment,
                   watch.Loss,
                   watch.Score,
                   new FileInfo(run.LastFile).Length,
                   new FileInfo(page).Length,
                   new(
                       watch.Started,
                       watch.Stepped - watch.Started,
                       watch.Validated - watch.Stepped,
                       saved - watch.Validated,
                       watch.Now - saved
                   )
               );
    }

    /// <summary>Says what was checked, and the command line that trains.</summary>
    /// <param name="ran">The dry run.</param>
    /// <param name="words">The words of the command line.</param>
    /// <param name="option">The option that asked for a dry run.</param>
    public static int Told(DryRun ran, IEnumerable<string> words, string option)
    {
        Terminal.Write([
            .. ran.Lines,
            new(string.Create(CultureInfo.InvariantCulture, $"checked in {ran.Times.All.TotalSeconds:0.0} s; no run is left behind")),
        ]);
        Terminal.Remark($"next: {Shell.Line(["cmsa", .. words.Where(word => word != option)])}");
        return Application.Done;
    }

    /// <summary>Checks several models, a line each; one that fails keeps none of the others from being checked.</summary>
    /// <param name="presets">The models.</param>
    /// <param name="check">Checks one.</param>
    public static Either<Error, int> All(Many<Preset> presets, Func<Preset, Either<Error, DryRun>> check)
    {
        var clock = Stopwatch.StartNew();
        var failed = 0;
        foreach (var preset in presets)
        {
            var outcome = check(preset);
            if (outcome.Case is Error stopped && stopped == Failures.Interrupted)
                return stopped;
            failed += outcome.IsLeft ? 1 : 0;
            Terminal.Write([outcome.Match(ran => ran.Line, wrong => new Line($"{preset.Name,-20}{wrong}", Look.Removed))]);
        }
        Terminal.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"checked {presets.Count} models in {clock.Elapsed.TotalSeconds:0.0} s"
                    + $"{(failed > 0 ? $"; {failed} failed" : "")}; no run is left behind"
            )
        );
        return failed == 0 ? Application.Done : CheckCommand.Wrong;
    }

    private Line Line =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Experiment.Name,-20}trained, validated, saved and reported: loss {Loss:0.0000} a pixel, "
                    + $"{Mebibytes(Checkpoint):0.0} MiB, {Times.All.TotalSeconds:0.0} s"
            )
        );

    /// <summary>What was checked, a line each.</summary>
    private Many<Line> Lines =>
        [
            Part("compile", $"{Experiment.Name} on {Experiment.Data.Name}, run {Experiment.Hash}", Times.Compiled),
            Part("train", $"a batch of {Experiment.Training.Batch}: loss {Loss:0.0000} a pixel", Times.Trained),
            Part(
                "validate",
                $"{Score.Count} samples: overall IoU {100 * Score.OverallIou:0.0}",
                Times.Validated
            ),
            Part("save", $"a checkpoint of {Mebibytes(Checkpoint):0.0} MiB, read back", Times.Saved),
            Part("report", $"a page of {Mebibytes(Report):0.0} MiB", Times.Reported),
        ];

    private static Line Part(string name, FormattableString what, TimeSpan time) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-10}{what.ToString(CultureInfo.InvariantCulture),-64}{time.TotalSeconds,7:0.0} s"
            )
        );

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);

    // One step of one batch, validated and saved at its end. All else is as it will be.
    private static Experiment Briefly(Experiment experiment) =>
        experiment with
        {
            Training = experiment.Training with
            {
                Iterations = 1,
                Accumulate = 1,
                ValidateEvery = 0,
                ValidateOn = experiment.Training.Batch,
                SaveEvery = 1,
            },
        };

    private static string SplitOf(IDataset data) =>
        data.Count("val") > 0 ? "val" : data.Splits[data.Splits.Count - 1];

    private sealed class Watch : IProgress<Progress>
    {
        private readonly Stopwatch clock = Stopwatch.StartNew();

        public TimeSpan Now => clock.Elapsed;
        public TimeSpan Started { get; private set; }
        public TimeSpan Stepped { get; private set; }
        public TimeSpan Validated { get; private set; }
        public double Loss { get; private set; }
        public Score Score { get; private set; } = Score.None;

        public void Report(Progress value)
        {
            switch (value)
            {
                case Progress.Started:
                    Started = Now;
                    break;
                case Progress.Stepped at:
                    (Stepped, Loss) = (Now, at.Loss);
                    break;
                case Progress.Validated at:
                    (Validated, Score) = (Now, at.Score);
                    break;
                case Progress.Skipped at:
                    Terminal.Complain($"skipped: {at.Error}");
                    break;
                case Progress.Noted at:
                    Terminal.Warn($"note: {at.Error}");
                    break;
            }
        }
    }
}
