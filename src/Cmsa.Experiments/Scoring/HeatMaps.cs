using Cmsa.Dsl;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Scoring;

/// <summary>Where each word of an expression looks.</summary>
/// <param name="Word">The word.</param>
/// <param name="Values">For each pixel of the picture, row by row, 0 (least looked at) to 1 (most).</param>
public sealed record HeatMap(string Word, float[] Values);

/// <summary>Reads a model's attention (CVPR 2019, equation 3).</summary>
public static class HeatMaps
{
    private const string Suffix = "attention.weights";

    // Weights of all places and words on all places and words are held at once: a level of more than this is too much
    // to look at.
    private const long MostWeights = 200_000_000;

    /// <summary>
    /// The probes of a model that show attention over places and words, where looking at them fits into memory.
    /// </summary>
    public static Many<string> Probes(Experiment experiment) =>
        experiment
            .Model.At(experiment.Inputs)
            .Match(
                Succ: graph =>
                    graph.Probes.Filter(name =>
                        name.EndsWith(Suffix, StringComparison.Ordinal)
                        && graph
                            .Probe(name)
                            .Exists(v =>
                                v.Shape.Count <= MostWeights
                                && v.Shape.Axes
                                    ==
                                    [
                                        Axis.Batch,
                                        Axis.Word,
                                        Axis.Row,
                                        Axis.Column,
                                        Axis.Word.Prime,
                                        Axis.Row.Prime,
                                        Axis.Column.Prime,
                                    ]
                            )
                    ),
                Fail: _ => []
            );

    /// <summary>
    /// For each word n of a sample: the weight that it gives to each place p', as a mean over the places p that ask and
    /// over the levels, summed over the words n' that are asked. None where the module was compiled without
    /// <see cref="Probes"/>.
    /// </summary>
    public static Many<HeatMap> Of(Compiled module, Experiment experiment, Vocabulary vocabulary, Sample sample)
    {
        if (module.Options.Probes.IsEmpty)
            return [];
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = Batch.Of(
            [ModelAnswer.ExampleOf(sample, experiment, vocabulary)],
            experiment.Image,
            module.Context
        );
        using var outcome = module.RunShowing(batch.Pixels, batch.Words);
        var box = Letterbox.Of(sample.Picture.Height, sample.Picture.Width, experiment.Image);
        return Of(outcome, experiment, experiment.Training.Protocol.WordsOf(sample), box);
    }

    /// <summary>The maps of an expression's words from what a run has shown.</summary>
    /// <param name="outcome">The run of one expression.</param>
    /// <param name="experiment">What the model was trained as.</param>
    /// <param name="tokens">The expression's words.</param>
    /// <param name="box">Brings a map of the model's square to the size that is asked for.</param>
    internal static Many<HeatMap> Of(Outcome outcome, Experiment experiment, Many<string> tokens, Letterbox box)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var looks = outcome.Probes.Values.Select(w => w.to(ScalarType.Float32).cpu()).ToArray();
        var words = tokens.Take(experiment.Words);
        var first = experiment.Words - words.Count;
        return [.. words.Select((word, n) => new HeatMap(word, Spread(box.Restore(Square(first + n)))))];

        // The mean over the levels but for a factor, which the spread takes out.
        float[] Square(int word) =>
            looks
                .Select(w => Enlarged(w[0].select(0, word).mean([0, 1]).sum([0]), experiment.Image))
                .Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);
    }

    // One level's map, of mean 1, at the size of the model's picture.
    private static float[] Enlarged(Tensor map, int side)
    {
        using var scale = (map.shape[0] * map.shape[1]).ToScalar();
        return nn
            .functional.interpolate(
                map.mul(scale).unsqueeze(0).unsqueeze(0),
                [side, side],
                mode: InterpolationMode.Bilinear,
                align_corners: false
            )
            .data<float>()
            .ToArray();
    }

    private static float[] Spread(float[] values)
    {
        var (least, most) = (values.Min(), values.Max());
        return System.Array.ConvertAll(values, v => most > least ? (v - least) / (most - least) : 0);
    }
}
