using System.CommandLine;
using System.Globalization;
using Cmsa.Experiments;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa train</c>: trains a model, or goes on with it.</summary>
public static class TrainCommand
{
    internal const string Every = "all";
    private const int Interrupted = 130;

    /// <summary>The command.</summary>
    /// <param name="recipes">The models that it can train.</param>
    public static Command Create(Many<Preset> recipes)
    {
        var model = new System.CommandLine.Option<string>("--model")
        {
            Description = $"Which model: {string.Join(", ", recipes.Map(r => r.Name))}.",
            HelpName = "MODEL",
            DefaultValueFactory = _ => recipes[0].Name,
        };
        var data = new System.CommandLine.Option<string>("--data")
        {
            Description =
                "Which data: scenes/unc, scenes/unc+, scenes/gref, scenes/referit, REFER's, such as refcoco/unc, "
                + "or a folder of your own.",
            HelpName = "DATASET",
            DefaultValueFactory = _ => "scenes/unc",
        };
        var (root, runs, device, asWritten) = (Asked.Root(), Asked.Runs(), Asked.Device(), Asked.AsWritten());
        var seed = new System.CommandLine.Option<ulong>("--seed")
        {
            Description = "The seed of the initial values and of the order of the samples.",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        };
        var isDry = new System.CommandLine.Option<bool>("--dry-run")
        {
            Description =
                "Check everything on one batch (a step, a validation, a checkpoint, a report) and leave no run behind; "
                + $"with --model {Every}, of each model.",
        };
        var room = new System.CommandLine.Option<double>("--cache-size")
        {
            Description = "How many GiB the kept results may take on disk.",
            HelpName = "GIB",
            DefaultValueFactory = _ => 20,
        };
        var (training, backbone) = (new TrainingOptions(), new BackboneOptions());
        var command = new Command(
            "train",
            "Trains a model, or resumes an interrupted run. Example: cmsa train --model paper-small --data "
                + "refcoco/unc --root /data/refer --iterations 20000"
        )
        {
            model,
            data,
            root,
            runs,
            seed,
            isDry,
        };
        training.AddTo(command);
        foreach (var option in (System.CommandLine.Option[])[room, device, asWritten])
            command.Options.Add(option);
        backbone.AddTo(command);
        command.SetAction(line =>
            Application.Exit(
                from presets in Chosen(recipes, line.GetRequiredValue(model), line.GetValue(isDry))
                from start in backbone.Read(line, line.GetRequiredValue(runs))
                from code in line.GetValue(isDry)
                    ? Checked(line, start, presets)
                    : Of(line, start, presets[0]).Bind(experiment => Trained(line, experiment)).Map(Told)
                select code
            )
        );
        return command;

        Either<Error, Experiment> Of(ParseResult line, BackboneStart start, Preset preset) =>
            from experiment in preset
                .On(
                    DataSpec.Of(line.GetRequiredValue(data), line.GetRequiredValue(root)),
                    training.Of(line, preset.Training),
                    line.GetValue(seed)
                )
                .Map(start.Of)
            from fits in start.Fits(experiment, "--model photo")
            let warned = Warned(start, preset, experiment)
            select experiment;

        Either<Error, Trained> Trained(ParseResult line, Experiment experiment)
        {
            using var stop = new Interruption();
            return Watching.Training(progress =>
                Trainer.Run(
                    experiment,
                    line.GetRequiredValue(runs),
                    line.GetRequiredValue(device),
                    progress,
                    None,
                    Asked.Effort(line, asWritten),
                    (long)(line.GetValue(room) * (1L << 30)),
                    stop.Token
                )
            );
        }

        Either<Error, int> Checked(ParseResult line, BackboneStart start, Many<Preset> presets)
        {
            using var stop = new Interruption();
            Either<Error, DryRun> One(Preset preset) =>
                Of(line, start, preset)
                    .Bind(experiment =>
                        DryRun.Of(
                            experiment,
                            line.GetRequiredValue(runs),
                            line.GetRequiredValue(device),
                            Asked.Effort(line, asWritten),
                            stop.Token
                        )
                    );

            var outcome = presets is [var only]
                ? One(only).Map(ran => DryRun.Told(ran, line.Tokens.Map(t => t.Value), isDry.Name))
                : DryRun.All(presets, One);
            return outcome.BindLeft(wrong =>
                wrong == Failures.Interrupted ? Right<Error, int>(Interrupted) : wrong
            );
        }
    }

    // The models of a name; "all" are those that a dry run checks one after the other.
    private static Either<Error, Many<Preset>> Chosen(Many<Preset> recipes, string name, bool isDry) =>
        name != Every ? Preset.Find(recipes, name).Map(found => (Many<Preset>)[found])
        : isDry ? recipes
        : new Error("one model is trained at a time", $"--model {Every}", "name one, or add --dry-run to check them all");

    private static Unit Warned(BackboneStart start, Preset recipe, Experiment experiment)
    {
        if (experiment.HasRandomBackbone)
            BackboneOptions.Warn();
        start.Warn(recipe.Manner, "--model paper-torchvision");
        return unit;
    }

    private static int Told(Trained trained)
    {
        Terminal.Write(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{(trained.IsDone ? "done" : "interrupted")} after {trained.At.Step} steps and "
                    + $"{trained.At.Seconds:0} s of training; best overall IoU {100 * Math.Max(0, trained.At.Best):0.0} at "
                    + $"step {trained.At.BestStep}; waited for samples {100 * trained.Waited:0.0} % of the "
                    + $"time{(trained.Skipped > 0 ? $"; skipped {trained.Skipped} samples" : "")}"
            )
        );
        if (trained.Cut > 0)
            Terminal.Write(
                $"{trained.Cut} expressions had more words than the {trained.Run.Experiment.Words} that the model "
                    + "takes; their last words were cut"
            );
        Terminal.Remark(
            trained.IsDone ? $"next: {Shell.Line("cmsa", "eval", trained.Run.Path)}" : "run the same command again to go on"
        );
        return trained.IsDone ? Application.Done : Interrupted;
    }
}
