using System.Globalization;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Tables;
using Spectre.Console;
using Progress = Cmsa.Experiments.Learning.Progress;

namespace Cmsa.Cli.Commands;

/// <summary>Shows how far something has come: a bar in a terminal, a line now and then in a pipe.</summary>
internal static class Watching
{
    private static readonly TimeSpan between = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Runs a training with a bar: loss, rate, images a second, time left, and the validations above it.
    /// </summary>
    public static T Training<T>(Func<IProgress<Progress>, T> run) =>
        Terminal.IsQuiet ? run(new Errors())
        : Console.IsOutputRedirected ? run(new Lines())
        : AnsiConsole
                .Progress()
                .AutoClear(false)
                .HideCompleted(false)
                .Columns(
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new TaskDescriptionColumn { Alignment = Justify.Left }
                )
                .Start(context => run(new Bar(context.AddTask("starting", maxValue: 1))));

    /// <summary>Runs something that tells the share that is done.</summary>
    public static T Share<T>(string what, Func<IProgress<double>, T> run) =>
        Terminal.IsQuiet || Console.IsOutputRedirected
            ? run(new Quiet())
            : AnsiConsole
                .Progress()
                .AutoClear(true)
                .Columns(
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new RemainingTimeColumn(),
                    new TaskDescriptionColumn { Alignment = Justify.Left }
                )
                .Start(context => run(new Part(context.AddTask(what, maxValue: 1))));

    /// <summary>Runs a study with a bar for all of it and one for what runs; in a pipe a line now and then.</summary>
    public static T Study<T>(Func<IProgress<StudyProgress>, T> run) =>
        Terminal.IsQuiet ? run(new StudyErrors())
        : Console.IsOutputRedirected ? run(new StudyLines())
        : AnsiConsole
                .Progress()
                .AutoClear(false)
                .HideCompleted(false)
                .Columns(
                    new ProgressBarColumn(),
                    new PercentageColumn(),
                    new TaskDescriptionColumn { Alignment = Justify.Left }
                )
                .Start(context => run(new StudyBars(context)));

    private static string Shown(this string text) => Terminal.Clean(text).EscapeMarkup();

    private static string Said(Progress.Stepped at) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"step {at.Step}/{at.Iterations}  loss {at.Loss:0.0000}  rate {at.Rate:0.0e-0}  "
                + $"{at.ImagesPerSecond:0} images/s  {Left(at.Left)} left"
        );

    private static string Said(Progress.Validated at)
    {
        var averaged = at
            .Averaged.Map(a => FormattableString.Invariant($"; averaged weights {100 * a.OverallIou:0.0} and {100 * a.MeanIou:0.0}"))
            .IfNone("");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"validated at step {at.Step}: overall IoU {100 * at.Score.OverallIou:0.0}, mean IoU "
                + $"{100 * at.Score.MeanIou:0.0}{averaged}{(at.IsBest ? ", the best so far" : "")}"
        );
    }

    private static string Said(Progress.Measured at)
    {
        var averaged = at.Averaged.Map(a => $"; averaged weights: {Numbers(a)}").IfNone("");
        return $"validated at step {at.Step}: {Numbers(at.Scores)}{averaged}{(at.IsBest ? ", the best so far" : "")}";
    }

    /// <summary>The line that says what a learner was measured at.</summary>
    public static string Said(Scores scores) => $"{scores.Split}, {scores.Samples} samples: {Numbers(scores)}";

    private static string Numbers(Scores scores) =>
        string.Join(
            ", ",
            scores
                .Metrics.Map(m => FormattableString.Invariant($"{m.Name} {m.Value:0.0000}"))
                .Add(FormattableString.Invariant($"loss {scores.Loss:0.0000}"))
        );

    private static string Said(Progress.Filled at) => $"backbone: {at.Backbone}; pixels as {at.Scale}";

    /// <summary>The line that says what happened; nothing for a step, which is a state and no event.</summary>
    private static LanguageExt.Option<string> Event(Progress value) =>
        value switch
        {
            Progress.Started { Step: 0 } at => $"training {at.Folder}",
            Progress.Started at => $"going on with {at.Folder} after step {at.Step}",
            Progress.Filled at => Said(at),
            Progress.Validated at => Said(at),
            Progress.Measured at => Said(at),
            Progress.Skipped at => $"skipped: {at.Error}",
            Progress.Noted at => $"note: {at.Error}",
            _ => LanguageExt.Option<string>.None,
        };

    private static string Left(TimeSpan time) =>
        time.TotalHours >= 1
            ? $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"
            : $"{time.Minutes}:{time.Seconds:00}";

    private sealed class Lines : IProgress<Progress>
    {
        private DateTime last = DateTime.MinValue;

        public void Report(Progress value)
        {
            switch (value)
            {
                case Progress.Skipped or Progress.Noted:
                    Event(value).Iter(Terminal.Complain);
                    break;
                case Progress.Stepped at when DateTime.UtcNow - last > between || at.Step == at.Iterations:
                    last = DateTime.UtcNow;
                    Terminal.Write(Said(at));
                    break;
                default:
                    Event(value).Iter(Terminal.Write);
                    break;
            }
        }
    }

    // Samples that were skipped are errors of the data.
    private sealed class Errors : IProgress<Progress>
    {
        public void Report(Progress value)
        {
            if (value is Progress.Skipped)
                Event(value).Iter(Terminal.Complain);
        }
    }

    private sealed class StudyErrors : IProgress<StudyProgress>
    {
        private readonly Errors errors = new();

        public void Report(StudyProgress value)
        {
            if (value is StudyProgress.Training at)
                errors.Report(at.Progress);
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<Progress>
    {
        public void Report(Progress value)
        {
            if (value is Progress.Stepped at)
                (task.MaxValue, task.Value, task.Description) = (at.Iterations, at.Step, Said(at).Shown());
            else
                Event(value).Iter(Terminal.WriteAbove);
        }
    }

    private static string Said(StudyProgress.Timing at) =>
        $"measuring the speed of row {at.Number} of {at.Of}: {at.Row.Name}";

    private static string Said(StudyProgress.Evaluating at) =>
        $"{at.Job}: scoring {at.Split}{(at.Crf ? " with the CRF" : "")}";

    private static string Said(StudyProgress.Finished at) =>
        $"{at.Job}: done; "
        + $"{string.Join(", ", at.Scores.Map(s => $"{s.Split}{(s.Crf ? " with the CRF" : "")} {Asked.Percent(s.Score.OverallIou)}"))}";

    private sealed class StudyLines : IProgress<StudyProgress>
    {
        private readonly Lines lines = new();

        public void Report(StudyProgress value)
        {
            switch (value)
            {
                case StudyProgress.Timing at:
                    Terminal.Write(Said(at));
                    break;
                case StudyProgress.Training { Progress: Progress.Started } at:
                    Terminal.Write($"run {at.Number} of {at.Of}: {at.Job}");
                    lines.Report(at.Progress);
                    break;
                case StudyProgress.Training at:
                    lines.Report(at.Progress);
                    break;
                case StudyProgress.Finished at:
                    Terminal.Write(Said(at));
                    break;
            }
        }
    }

    // What is finished is told above the bars.
    private sealed class StudyBars(ProgressContext context) : IProgress<StudyProgress>
    {
        private ProgressTask? whole,
            part;

        public void Report(StudyProgress value)
        {
            switch (value)
            {
                case StudyProgress.Timing at:
                    Show($"{at.Number} of {at.Of} rows", at.Of, at.Number - 1, Said(at), 0);
                    break;
                case StudyProgress.Training { Progress: Progress.Stepped step } at:
                    var share = (double)step.Step / step.Iterations;
                    Show($"run {at.Number} of {at.Of}", at.Of, at.Number - 1 + share, $"{at.Job}: {Said(step)}", share);
                    break;
                case StudyProgress.Training { Progress: Progress.Filled filled } at:
                    Terminal.WriteAbove($"{at.Job}: {Said(filled)}");
                    break;
                case StudyProgress.Training { Progress: Progress.Skipped skipped }:
                    Terminal.WriteAbove($"skipped: {skipped.Error}");
                    break;
                case StudyProgress.Training { Progress: Progress.Noted noted } at:
                    Terminal.WriteAbove($"{at.Job}: {noted.Error}");
                    break;
                case StudyProgress.Evaluating at:
                    Show($"run {at.Number} of {at.Of}", at.Of, at.Number - 1, Said(at), at.Share);
                    break;
                case StudyProgress.Finished at:
                    Terminal.WriteAbove(Said(at));
                    break;
            }
        }

        private void Show(string all, double of, double done, string one, double share)
        {
            whole ??= context.AddTask("all");
            part ??= context.AddTask("one", maxValue: 1);
            (whole.MaxValue, whole.Value, whole.Description) = (of, done, all.Shown());
            (part.Value, part.Description) = (share, one.Shown());
        }
    }

    private sealed class Part(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }

    private sealed class Quiet : IProgress<double>
    {
        public void Report(double value) { }
    }
}
