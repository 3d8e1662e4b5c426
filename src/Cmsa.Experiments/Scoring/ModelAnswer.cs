using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Scoring;

/// <summary>One way in which logits become masks.</summary>
/// <param name="Crf">The field behind the model, if any.</param>
/// <param name="Answers">How a square of logits becomes a mask at the picture's size.</param>
internal sealed record AnswerWay(Option<DenseCrf> Crf, AnswerRule Answers);

/// <summary>A compiled model as something that answers expressions.</summary>
public static class ModelAnswer
{
    // The released code's score_thresh.
    private const double ReleasedThreshold = 1e-9;

    /// <summary>
    /// The model's masks, made of its logits as the run's protocol says: by default, where the logit, brought back to the
    /// picture's size, is at least 0 (CVPR 2019, section 4). Consecutive samples of one picture share
    /// what the model computes from the picture alone.
    /// </summary>
    /// <param name="module">The model.</param>
    /// <param name="experiment">What it was trained as: its sizes, and how it takes pixels.</param>
    /// <param name="vocabulary">The words it knows.</param>
    /// <param name="crf">
    /// The field behind it, if any: it gets the letterboxed picture and the model's logits on it, and what it says of
    /// them is brought back.
    /// </param>
    public static Answer Of(
        Compiled module,
        Experiment experiment,
        Vocabulary vocabulary,
        Option<DenseCrf> crf = default
    )
    {
        var each = OfEach(module, experiment, vocabulary, [new(crf, experiment.Training.Protocol.Answers)]);
        return samples => [.. each(samples).Select(masks => masks[0])];
    }

    /// <summary>
    /// The model's masks, made of the same logits in several ways: for each sample, a mask for each way.
    /// </summary>
    /// <param name="module">The model.</param>
    /// <param name="experiment">What it was trained as.</param>
    /// <param name="vocabulary">The words it knows.</param>
    /// <param name="ways">How logits become masks.</param>
    internal static AnswerEachWay OfEach(
        Compiled module,
        Experiment experiment,
        Vocabulary vocabulary,
        Many<AnswerWay> ways
    ) =>
        samples =>
            [
                .. samples
                    .Zip(
                        Logits(module, experiment, vocabulary, samples),
                        (sample, square) => (sample.Picture, Square: square)
                    )
                    .AsParallel()
                    .AsOrdered()
                    .Select(one => MasksOf(one.Picture, one.Square, experiment.Image, ways)),
            ];

    /// <summary>The masks of the logits of a picture's square, one for each way.</summary>
    internal static BinaryMask[] MasksOf(Picture picture, float[] square, int side, Many<AnswerWay> ways)
    {
        var box = Letterbox.Of(picture.Height, picture.Width, side);
        var refined = new Dictionary<DenseCrf, float[]>();
        return [.. ways.Select(way => MaskOf(box, way.Crf.Match(Refined, () => square), way.Answers))];

        float[] Refined(DenseCrf field)
        {
            if (!refined.TryGetValue(field, out var logits))
                refined[field] = logits = ModelAnswer.Refined(field, box.Fit(picture), square);
            return logits;
        }
    }

    /// <summary>The mask of the logits of a square, at the picture's size.</summary>
    internal static BinaryMask MaskOf(Letterbox box, float[] square, AnswerRule rule) =>
        rule == AnswerRule.ResizedMask
            ? box.RestoreAnyPart(new(box.Size, box.Size, Above(square, ReleasedThreshold)))
            : new(box.Height, box.Width, Above(box.Restore(square), 0));

    private static byte[] Above(float[] logits, double least) =>
        System.Array.ConvertAll(logits, logit => (byte)(logit >= least ? 1 : 0));

    /// <summary>The logits of each sample's square, row by row.</summary>
    internal static List<float[]> Logits(
        Compiled module,
        Experiment experiment,
        Vocabulary vocabulary,
        IReadOnlyList<Sample> samples
    )
    {
        using var off = no_grad();
        var squares = new List<float[]>();
        foreach (var group in SamePicture.Groups(samples))
        {
            using var scope = NewDisposeScope();
            var logits = group.IsOnePicture
                ? Bound(module, experiment, vocabulary, group.Samples)
                : Together(module, experiment, vocabulary, group.Samples);
            var rows = logits.to(ScalarType.Float32).cpu().reshape(group.Samples.Count, -1);
            squares.AddRange(group.Samples.Select((_, i) => rows[i].data<float>().ToArray()));
        }
        return squares;
    }

    // A batch of several pictures, an expression each.
    private static Tensor Together(
        Compiled module,
        Experiment experiment,
        Vocabulary vocabulary,
        IReadOnlyList<Sample> samples
    )
    {
        using var batch = Batch.Of(
            [.. samples.Select(s => ExampleOf(s, experiment, vocabulary))],
            experiment.Image,
            module.Context
        );
        return module.Run(batch.Pixels, batch.Words);
    }

    // What depends on the picture alone is computed once for all its expressions.
    private static Tensor Bound(
        Compiled module,
        Experiment experiment,
        Vocabulary vocabulary,
        IReadOnlyList<Sample> samples
    )
    {
        using var one = Batch.Of([ExampleOf(samples[0], experiment, vocabulary)], experiment.Image, module.Context);
        using var photo = module.Bind(one.Pixels);
        var protocol = experiment.Training.Protocol;
        long[] numbers =
        [
            .. samples.SelectMany(s => TrainingExample.WordsOf(protocol.WordsOf(s), vocabulary, experiment.Words)),
        ];
        using var words = module.Context.Take(tensor(numbers, [samples.Count, experiment.Words]));
        return photo.Run(words);
    }

    /// <summary>A sample as the model takes it, without its truth.</summary>
    internal static TrainingExample ExampleOf(Sample sample, Experiment experiment, Vocabulary vocabulary) =>
        TrainingExample.Of(
            sample,
            vocabulary,
            experiment.Image,
            experiment.Words,
            experiment.Pixels,
            truth: false,
            experiment.Training.Protocol
        );

    // Logits that are no numbers are no better behind a field: they stay, and no pixel of them is foreground.
    private static float[] Refined(DenseCrf field, Picture picture, float[] logits) =>
        field.Refine(picture, logits).IfLeft(logits);
}
