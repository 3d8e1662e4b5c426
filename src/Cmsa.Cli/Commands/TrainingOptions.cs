using System.CommandLine;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary>The options that say how a model is trained.</summary>
internal sealed class TrainingOptions
{
    private readonly System.CommandLine.Option<int?> iterations = Number<int?>(
        "--iterations",
        "How many steps the optimizer takes."
    );
    private readonly System.CommandLine.Option<int?> batch = Number<int?>("--batch", "How many samples a batch has.");
    private readonly System.CommandLine.Option<int?> shards = Number<int?>(
        "--shards",
        "How many parts a batch is split into; each runs on a core of its own."
    );
    private readonly System.CommandLine.Option<int?> accumulate = Number<int?>(
        "--accumulate",
        "How many batches are averaged before a step (gradient accumulation)."
    );
    private readonly System.CommandLine.Option<double?> rate = Number<double?>(
        "--rate",
        "The learning rate of the first step."
    );
    private readonly System.CommandLine.Option<double?> decay = Number<double?>(
        "--weight-decay",
        "The weight decay of convolutions."
    );
    private readonly System.CommandLine.Option<double?> clip = Number<double?>(
        "--clip",
        "The largest norm of the gradient; a larger one is clipped to it; 0: no clipping."
    );
    private readonly System.CommandLine.Option<int?> validate = Number<int?>(
        "--validate-every",
        "How many steps are between validations; 0: one validation, at the end."
    );
    private readonly System.CommandLine.Option<int?> validation = Number<int?>(
        "--validate-on",
        "How many samples of val a validation reads."
    );
    private readonly System.CommandLine.Option<int?> save = Number<int?>(
        "--save-every",
        "How many steps are between checkpoints; a run that is killed goes on from its last one."
    );
    private readonly System.CommandLine.Option<int?> expressions = Asked.Expressions();
    private readonly System.CommandLine.Option<int?> patience = Number<int?>(
        "--patience",
        "After how many validations without a better overall IoU training stops early; 0: it does not."
    );
    private readonly System.CommandLine.Option<double?> ema = new("--ema")
    {
        Description =
            "The decay of a moving average of the weights, such as 0.999: validated and saved beside them, and what the run "
            + "answers with; 0: none.",
        HelpName = "DECAY",
    };
    private readonly System.CommandLine.Option<bool> features = Asked.Features();
    private readonly System.CommandLine.Option<string?> protocol = Asked.Protocol();
    private readonly System.CommandLine.Option<Precision?> precision = new("--precision")
    {
        Description = "The model's precision: Float32, BFloat16 or Float64.",
        HelpName = "PRECISION",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (
            var option in (System.CommandLine.Option[])
                [
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
                    patience,
                    ema,
                    features,
                    protocol,
                    precision,
                ]
        )
            command.Options.Add(option);
    }

    /// <summary>The options by the paths of the settings that say the same.</summary>
    public Many<(string Path, System.CommandLine.Option Option)> Paths =>
        [
            ("training.iterations", iterations),
            ("training.batch", batch),
            ("training.shards", shards),
            ("training.accumulate", accumulate),
            ("training.learningRate", rate),
            ("training.weightDecay", decay),
            ("training.clipNorm", clip),
            ("training.validateEvery", validate),
            ("training.validateOn", validation),
            ("training.saveEvery", save),
            ("training.expressions", expressions),
            ("training.cacheFeatures", features),
            ("training.patience", patience),
            ("training.ema", ema),
            ("training.precision", precision),
            ("training.protocol", protocol),
        ];

    /// <summary>How a preset is trained with what settings and a command line say.</summary>
    /// <param name="line">The command line, which goes before the settings.</param>
    /// <param name="preset">The preset's own way.</param>
    /// <param name="settings">The settings.</param>
    public Either<Error, Training> Of(ParseResult line, Training preset, Many<Setting> settings) =>
        Setting.In(preset, settings).Map(set => Of(line, set, Setting.Last(settings, "training.shards").IsSome));

    private Training Of(ParseResult line, Training preset, bool isSplit)
    {
        var size = line.GetValue(batch) ?? preset.Batch;
        return preset with
        {
            Iterations = line.GetValue(iterations) ?? preset.Iterations,
            Batch = size,
            Shards = line.GetValue(shards) ?? (isSplit || size % preset.Shards == 0 ? preset.Shards : 1),
            Accumulate = line.GetValue(accumulate) ?? preset.Accumulate,
            LearningRate = line.GetValue(rate) ?? preset.LearningRate,
            WeightDecay = line.GetValue(decay) ?? preset.WeightDecay,
            ClipNorm = line.GetValue(clip) ?? preset.ClipNorm,
            ValidateEvery = line.GetValue(validate) ?? preset.ValidateEvery,
            ValidateOn = line.GetValue(validation) ?? preset.ValidateOn,
            SaveEvery = line.GetValue(save) ?? preset.SaveEvery,
            Precision = line.GetValue(precision) ?? preset.Precision,
            Expressions = line.GetValue(expressions) ?? preset.Expressions,
            Patience = line.GetValue(patience) ?? preset.Patience,
            Ema = line.GetValue(ema) ?? preset.Ema,
            Protocol = Asked.ProtocolIn(line, protocol).IfNone(preset.Protocol),
            CacheFeatures = line.GetValue(features) || preset.CacheFeatures,
        };
    }

    private static System.CommandLine.Option<T> Number<T>(string name, string description) =>
        new(name) { Description = description, HelpName = "N" };
}
