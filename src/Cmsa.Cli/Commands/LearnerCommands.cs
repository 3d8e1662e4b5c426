using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learners;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Reports;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary>The commands of a program that trains a learner: <c>train</c>, <c>eval</c>, <c>report</c>.</summary>
internal static class LearnerCommands
{
    /// <summary>The exit code of a training that was interrupted: that of a shell for Ctrl-C.</summary>
    private const int Interrupted = 130;

    /// <summary>All commands, in the order of the help.</summary>
    /// <param name="learner">The learner.</param>
    /// <param name="show">Shows a sample in a report.</param>
    public static Many<Command> Of<A, B, T>(Learner<A, B, T> learner, Func<int, Output, Shown>? show) =>
        [Train(learner), Eval(learner), Report(learner, show)];

    private static Command Train<A, B, T>(Learner<A, B, T> learner)
    {
        var (runs, device, asWritten) = (Asked.Runs(), Asked.Device(), Asked.AsWritten());
        var command = new Command("train", $"Trains {learner.Name}, or goes on with its run where it was cut off.")
        {
            runs,
            device,
            asWritten,
        };
        command.SetAction(line =>
        {
            using var stop = new Interruption();
            return Application.Exit(
                Watching
                    .Training(progress =>
                        Trainer.Run(
                            learner,
                            line.GetRequiredValue(runs),
                            line.GetRequiredValue(device),
                            progress,
                            None,
                            Asked.Effort(line, asWritten),
                            stop.Token
                        )
                    )
                    .Map(Told)
            );
        });
        return command;
    }

    private static Command Eval<A, B, T>(Learner<A, B, T> learner)
    {
        var (runs, device) = (Asked.Runs(), Asked.Device());
        var split = new System.CommandLine.Option<string>("--split")
        {
            Description = $"Which split: {string.Join(", ", learner.Data.Splits.Map(s => s.Name))}.",
            HelpName = "SPLIT",
        };
        var command = new Command("eval", $"Measures the trained {learner.Name} on a split.") { runs, device, split };
        command.SetAction(line =>
            Application.Print(
                from run in LearnerRun<A, B, T>.Open(line.GetRequiredValue(runs), learner)
                from scores in Watching.Share(
                    "evaluating",
                    progress => run.Evaluate(Optional(line.GetValue(split)), line.GetRequiredValue(device), progress: progress)
                )
                select (Many<Line>)[new(Watching.Said(scores))]
            )
        );
        return command;
    }

    private static Command Report<A, B, T>(Learner<A, B, T> learner, Func<int, Output, Shown>? show)
    {
        var (runs, device) = (Asked.Runs(), Asked.Device());
        var output = new System.CommandLine.Option<string>("--output", "-o")
        {
            Description = "The HTML file.",
            HelpName = "FILE",
            DefaultValueFactory = _ => $"{learner.Name}.html",
        };
        var command = new Command("report", $"Writes one HTML file about the trained {learner.Name}: scores, curves, samples.")
        {
            runs,
            device,
            output,
        };
        command.SetAction(line =>
            Application.Print(
                from run in LearnerRun<A, B, T>.Open(line.GetRequiredValue(runs), learner)
                from report in LearnerReport<A, B, T>.Of(run, show, device: line.GetRequiredValue(device))
                from path in Asked.Write(line.GetRequiredValue(output), report.ToHtml())
                select report.Scores.Map(s => new Line(Watching.Said(s))).Add(new Line($"report: {path}"))
            )
        );
        return command;
    }

    private static int Told<A, B, T>(Trained<A, B, T> trained)
    {
        var learner = trained.Run.Learner;
        var best = trained
            .Run.Best.Map(value =>
                string.Create(CultureInfo.InvariantCulture, $"; best {learner.Decider} {value:0.0000} at step {trained.At.BestStep}")
            )
            .IfNone("");
        Terminal.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(trained.IsDone ? "done" : "interrupted")} after {trained.At.Step} steps and {trained.At.Seconds:0} s of "
                    + $"training{best}{(trained.Skipped > 0 ? $"; skipped {trained.Skipped} samples" : "")}"
            )
        );
        Terminal.Remark(trained.IsDone ? $"run: {trained.Run.Path}" : "run the same command again to go on");
        return trained.IsDone ? Application.Done : Interrupted;
    }
}
