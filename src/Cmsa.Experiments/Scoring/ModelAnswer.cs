using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Scoring;

/// <summary>A compiled model as something that answers expressions.</summary>
public static class ModelAnswer
{
    /// <summary>
    /// The model's masks: where its logit, brought back to the picture's size, is at least 0 (CVPR 2019, section 4).
    /// Consecutive samples of one picture share what the model computes from the picture alone.
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
    ) =>
        samples =>
            [
                .. samples.Zip(
                    Logits(module, experiment, vocabulary, samples, crf),
                    (sample, logits) => MaskOf(sample.Picture, logits)
                ),
            ];

    /// <summary>The mask of logits at a picture's size.</summary>
    internal static BinaryMask MaskOf(Picture picture, float[] logits) =>
        new(picture.Height, picture.Width, System.Array.ConvertAll(logits, l => (byte)(l >= 0 ? 1 : 0)));

    /// <summary>The logits at each picture's size, row by row.</summary>
    internal static IReadOnlyList<float[]> Logits(
        Compiled module,
        Experiment experiment,
        Vocabulary vocabulary,
        IReadOnlyList<Sample> samples,
        Option<DenseCrf> crf = default
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
        return
        [
            .. samples
                .Zip(squares, (sample, square) => (sample.Picture, Square: square))
                .AsParallel()
                .AsOrdered()
                .Select(one => Restored(one.Picture, one.Square, experiment.Image, crf)),
        ];
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
        long[] numbers = [.. samples.SelectMany(s => TrainingExample.WordsOf(s, vocabulary, experiment.Words))];
        using var words = module.Context.Take(tensor(numbers, [samples.Count, experiment.Words]));
        return photo.Run(words);
    }

    /// <summary>A sample as the model takes it, without its truth.</summary>
    internal static TrainingExample ExampleOf(Sample sample, Experiment experiment, Vocabulary vocabulary) =>
        TrainingExample.Of(sample, vocabulary, experiment.Image, experiment.Words, experiment.Pixels, truth: false);

    /// <summary>Logits of the letterboxed square at the picture's size, refined by the field if there is one.</summary>
    internal static float[] Restored(Picture picture, float[] square, int side, Option<DenseCrf> crf)
    {
        var box = Letterbox.Of(picture.Height, picture.Width, side);
        return box.Restore(crf.Match(field => Refined(field, box.Fit(picture), square), () => square));
    }

    // Logits that are no numbers are no better behind a field: they stay, and no pixel of them is foreground.
    private static float[] Refined(DenseCrf field, Picture picture, float[] logits) =>
        field.Refine(picture, logits).IfLeft(logits);
}
