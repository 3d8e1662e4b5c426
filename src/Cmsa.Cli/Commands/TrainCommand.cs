using System.CommandLine;
using System.Globalization;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Learning;
using Cmsa.Experiments.Specs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Cli.Commands;

/// <summary><c>cmsa train</c>: trains a model, or goes on with it.</summary>
public static class TrainCommand
{
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
        var iterations = Number<int?>("--iterations", "How many steps the optimizer takes.");
        var batch = Number<int?>("--batch", "How many samples a batch has.");
        var shards = Number<int?>("--shards", "How many parts a batch is split into; each runs on a core of its own.");
        var accumulate = Number<int?>(
            "--accumulate",
            "How many batches are averaged before a step (gradient accumulation)."
        );
        var rate = Number<double?>("--rate", "The learning rate of the first step.");
        var decay = Number<double?>("--weight-decay", "The weight decay of convolutions.");
        var clip = Number<double?>(
            "--clip",
            "The largest norm of the gradient; a larger one is clipped to it; 0: no clipping."
        );
        var validate = Number<int?>(
            "--validate-every",
            "How many steps are between validations; 0: one validation, at the end."
        );
        var validation = Number<int?>("--validate-on", "How many samples of val a validation reads.");
        var save = Number<int?>(
            "--save-every",
            "How many steps are between checkpoints; a run that is killed goes on from its last one."
        );
        var expressions = Number<int?>(
            "--expressions-per-picture",
            "How many expressions of one picture a step takes together: the picture is seen once. It divides a shard of the "
                + "batch; a picture with too few repeats some."
        );
        var features = new System.CommandLine.Option<bool>("--cache-features")
        {
            Description =
                "Keep a frozen backbone's results for each picture in RUNS/features, in bfloat16: it runs once for each.",
        };
        var room = new System.CommandLine.Option<double>("--cache-size")
        {
            Description = "How many GiB the kept results may take on disk.",
            HelpName = "GIB",
            DefaultValueFactory = _ => 20,
        };
        var backbone = new BackboneOptions();
        var precision = new System.CommandLine.Option<Precision?>("--precision")
        {
            Description = "The model's precision: Float32, BFloat16 or Float64.",
            HelpName = "PRECISION",
        };
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
            iterations,
            batch,
            shards,
            accumulate,
            rate,
            decay,
            clip,
            validate,
            validation,
            save,
            expressions,
            features,
            room,
            precision,
            device,
            asWritten,
        };
        backbone.AddTo(command);
        command.SetAction(line =>
            Application.Exit(
                from recipe in Preset.Find(recipes, line.GetRequiredValue(model))
                let said = recipe.Training
                let training = said with
                {
                    Iterations = line.GetValue(iterations) ?? said.Iterations,
                    Batch = line.GetValue(batch) ?? said.Batch,
                    Shards =
                        line.GetValue(shards)
                        ?? ((line.GetValue(batch) ?? said.Batch) % said.Shards == 0 ? said.Shards : 1),
                    Accumulate = line.GetValue(accumulate) ?? said.Accumulate,
                    LearningRate = line.GetValue(rate) ?? said.LearningRate,
                    WeightDecay = line.GetValue(decay) ?? said.WeightDecay,
                    ClipNorm = line.GetValue(clip) ?? said.ClipNorm,
                    ValidateEvery = line.GetValue(validate) ?? said.ValidateEvery,
                    ValidateOn = line.GetValue(validation) ?? said.ValidateOn,
                    SaveEvery = line.GetValue(save) ?? said.SaveEvery,
                    Precision = line.GetValue(precision) ?? said.Precision,
                    Expressions = line.GetValue(expressions) ?? said.Expressions,
                    CacheFeatures = line.GetValue(features) || said.CacheFeatures,
                }
                from start in backbone.Read(line, line.GetRequiredValue(runs))
                from experiment in recipe
                    .On(
                        DataSpec.Of(line.GetRequiredValue(data), line.GetRequiredValue(root)),
                        training,
                        line.GetValue(seed)
                    )
                    .Map(start.Of)
                from fits in start.Fits(experiment, "--model photo")
                let warned = Warned(start, recipe, experiment)
                from trained in Run(
                    experiment,
                    line.GetRequiredValue(runs),
                    line.GetRequiredValue(device),
                    Asked.Effort(line, asWritten),
                    (long)(line.GetValue(room) * (1L << 30))
                )
                select Told(trained)
            )
        );
        return command;
    }

    private static Unit Warned(BackboneStart start, Preset recipe, Experiment experiment)
    {
        if (experiment.HasRandomBackbone)
            BackboneOptions.Warn();
        start.Warn(recipe.Manner, "--model paper-torchvision");
        return unit;
    }

    private static Either<Error, Trained> Run(
        Experiment experiment,
        string runs,
        string device,
        OptimizationLevel effort,
        long cache
    )
    {
        using var stop = new Interruption();
        return Watching.Training(progress => Trainer.Run(experiment, runs, device, progress, None, effort, cache, stop.Token));
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
        Terminal.Write(trained.IsDone ? $"next: cmsa eval {trained.Run.Path}" : "run the same command again to go on");
        return trained.IsDone ? Application.Done : 130;
    }

    private static System.CommandLine.Option<T> Number<T>(string name, string description) =>
        new(name) { Description = description, HelpName = "N" };
}
