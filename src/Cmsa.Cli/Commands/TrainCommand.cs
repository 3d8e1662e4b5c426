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
        var config = new System.CommandLine.Option<string?>("--config")
        {
            Description =
                "A YAML file of settings: version: 1, then preset, data, training, model, ... as a tree. Options and --set go "
                + "before it.",
            HelpName = "EXPERIMENT.yaml",
        };
        var set = new System.CommandLine.Option<string[]>("--set")
        {
            Description =
                "A value by its path, such as training.finalRate=1e-4 or model.attention.width=256; may be given several times.",
            HelpName = "PATH=VALUE",
        };
        var sweep = new System.CommandLine.Option<string?>("--find-rate")
        {
            Description =
                "Train nothing, but take a step at each of rising learning rates, draw their losses, and suggest a rate.",
            HelpName = "FILE.svg",
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
            config,
            set,
            isDry,
            sweep,
        };
        training.AddTo(command);
        foreach (var option in (System.CommandLine.Option[])[room, device, asWritten])
            command.Options.Add(option);
        backbone.AddTo(command);
        command.SetAction(line =>
            Application.Exit(
                from settings in Settings(line)
                from one in line.GetValue(isDry) && line.GetValue(sweep) is not null
                    ? new Error("both a dry run and a sweep", "--dry-run and --find-rate", "give one of them")
                    : Right<Error, Unit>(unit)
                from presets in Chosen(recipes, Said(line, model, settings, "preset"), line.GetValue(isDry))
                from start in backbone.Read(line, line.GetRequiredValue(runs), settings)
                from code in line.GetValue(isDry)
                    ? Checked(line, settings, start, presets)
                : line.GetValue(sweep) is { } chart
                    ? Of(line, settings, start, presets[0]).Bind(experiment => Swept(line, experiment, chart))
                : Of(line, settings, start, presets[0]).Bind(experiment => Trained(line, experiment)).Map(Told)
                select code
            )
        );
        return command;

        // What the file says, then what --set says; options go before both where they are given.
        Either<Error, Many<Setting>> Settings(ParseResult line) =>
            from file in line.GetValue(config) is { } path
                ? Files.Read(path).Bind(text => ExperimentFile.Read(text, path))
                : (Many<Setting>)[]
            from words in (line.GetValue(set) ?? []).Aggregate(
                Right<Error, Many<Setting>>([]),
                (so, text) => so.Bind(all => Setting.Parse(text).Map(all.Add))
            )
            from single in Single(line, words)
            select file + words;

        Either<Error, Unit> Single(ParseResult line, Many<Setting> words)
        {
            if (words.GroupBy(s => s.Path).FirstOrDefault(same => same.Count() > 1) is { } twice)
                return new Error($"{twice.Key} is set twice", twice.Last().Where, "leave one out");
            Many<(string Path, System.CommandLine.Option Option)> options =
            [
                ("preset", model),
                ("data.name", data),
                ("data.root", root),
                ("seed", seed),
                .. training.Paths,
                .. backbone.Paths,
            ];
            return words
                .Choose(s => options.Find(o => o.Path == s.Path && IsGiven(line, o.Option)).Map(o => (s.Where, o.Option.Name)))
                .HeadOrNone()
                .Match(
                    both => new Error($"{both.Name} says the same", both.Where, "leave one out"),
                    () => Right<Error, Unit>(unit)
                );
        }

        static bool IsGiven(ParseResult line, System.CommandLine.Option option) =>
            line.GetResult(option) is { Implicit: false };

        static string Said(ParseResult line, System.CommandLine.Option<string> option, Many<Setting> settings, string path) =>
            IsGiven(line, option)
                ? line.GetRequiredValue(option)
                : Setting.Last(settings, path).Map(s => s.Value).IfNone(() => line.GetRequiredValue(option));

        Either<Error, ulong> Seed(ParseResult line, Many<Setting> settings) =>
            IsGiven(line, seed)
                ? line.GetValue(seed)
                : Setting.Last(settings, "seed").Match(s => s.As<ulong>(), () => Right<Error, ulong>(line.GetValue(seed)));

        Either<Error, Experiment> Of(ParseResult line, Many<Setting> settings, BackboneStart start, Preset preset) =>
            from spec in Setting.In(
                DataSpec.Of(Said(line, data, settings, "data.name"), Said(line, root, settings, "data.root")),
                settings.Filter(s => s.Path is not ("data.name" or "data.root"))
            )
            from how in training.Of(line, preset.Training, settings)
            from drawn in Seed(line, settings)
            from plain in preset.On(spec, how, drawn)
            from changed in Setting.In(plain.Model, settings)
            let experiment = start.Of(plain with { Model = changed })
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

        Either<Error, int> Swept(ParseResult line, Experiment experiment, string chart)
        {
            using var stop = new Interruption();
            return RateFinding.Of(
                experiment,
                line.GetRequiredValue(runs),
                chart,
                line.GetRequiredValue(device),
                Asked.Effort(line, asWritten),
                stop.Token
            );
        }

        Either<Error, int> Checked(ParseResult line, Many<Setting> settings, BackboneStart start, Many<Preset> presets)
        {
            using var stop = new Interruption();
            Either<Error, DryRun> One(Preset preset) =>
                Of(line, settings, start, preset)
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
        var training = trained.Run.Experiment.Training;
        if (trained.IsDone && trained.At.Step < training.Iterations)
            Terminal.Write(
                $"stopped early, at step {trained.At.Step} of {training.Iterations}: {training.Patience} validations brought "
                    + "no better overall IoU"
            );
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
