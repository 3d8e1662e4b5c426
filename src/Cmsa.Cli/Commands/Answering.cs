using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Runs;
using Cmsa.Experiments.Scoring;
using Cmsa.Experiments.Specs;
using LanguageExt;

namespace Cmsa.Cli.Commands;

/// <summary>What a model says of an expression.</summary>
/// <param name="Mask">The mask, at the picture's size.</param>
/// <param name="Heat">Where each word looks; empty where that is not shown.</param>
internal sealed record Reply(BinaryMask Mask, Many<HeatMap> Heat);

/// <summary>A model that is loaded once and answers the expressions of pictures.</summary>
/// <param name="Words">How many words of an expression it takes.</param>
/// <param name="Vocabulary">The words that it knows.</param>
/// <param name="WordsFile">Where these stand, for errors.</param>
/// <param name="Protocol">How expressions become words, and logits masks.</param>
/// <param name="Of">Its replies to some expressions of one picture.</param>
internal sealed record Answering(
    int Words,
    Vocabulary Vocabulary,
    string WordsFile,
    Protocol Protocol,
    Func<Many<Sample>, Either<Error, Many<Reply>>> Of
)
{
    /// <summary>Uses a run's model in TorchSharp.</summary>
    /// <param name="run">The run.</param>
    /// <param name="crf">The field behind the model, if any.</param>
    /// <param name="options">How the model is compiled.</param>
    /// <param name="heat">Whether replies have heat maps.</param>
    /// <param name="use">What it is used for; it is freed then.</param>
    public static Either<Error, T> ByTorch<T>(
        RunFolder run,
        LanguageExt.Option<DenseCrf> crf,
        Options options,
        bool heat,
        Func<Answering, Either<Error, T>> use
    ) =>
        run.Model(heat ? options with { Probes = HeatMaps.Probes(run.Experiment) } : options)
            .Bind(module =>
            {
                using (module)
                {
                    Memory.GiveBack();
                    var answer = ModelAnswer.Of(module, run.Experiment, run.Vocabulary, crf);
                    return use(
                        new(
                            run.Experiment.Words,
                            run.Vocabulary,
                            Path.Combine(run.Path, "vocabulary.txt"),
                            run.Experiment.Training.Protocol,
                            samples => Replies(samples, answer([.. samples]))
                        )
                    );
                }

                Many<Reply> Replies(Many<Sample> samples, IReadOnlyList<BinaryMask> masks) =>
                    samples.Zip([.. masks], (sample, mask) => new Reply(mask, HeatOf(sample)));

                Many<HeatMap> HeatOf(Sample sample) =>
                    heat ? HeatMaps.Of(module, run.Experiment, run.Vocabulary, sample) : [];
            });

    /// <summary>A model in ONNX Runtime.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="file">The run or the .onnx file that it comes from.</param>
    /// <param name="crf">The field behind the model, if any.</param>
    public static Answering ByOnnx(Predictor predictor, string file, LanguageExt.Option<DenseCrf> crf) =>
        new(
            predictor.Words,
            predictor.Vocabulary,
            file,
            predictor.Protocol,
            samples =>
                samples.Fold(
                    Prelude.Right<Error, Many<Reply>>([]),
                    (so, sample) =>
                        so.Bind(replies => predictor.Answer(sample, crf).Map(mask => replies.Add(new Reply(mask, []))))
                )
        );
}
