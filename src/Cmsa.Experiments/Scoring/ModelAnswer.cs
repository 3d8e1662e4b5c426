using Cmsa.Data;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;
using Mask = Cmsa.Data.Mask;

namespace Cmsa.Experiments;

/// <summary>A compiled model as something that answers expressions.</summary>
public static class ModelAnswer
{
    /// <summary>The model's masks: where its logit, brought back to the picture's size, is at least 0 (CVPR 2019, section 4).</summary>
    /// <param name="module">The model.</param>
    /// <param name="experiment">What it was trained as: its sizes, and how it takes pixels.</param>
    /// <param name="vocabulary">The words it knows.</param>
    public static Answer Of(Compiled module, Experiment experiment, Vocabulary vocabulary) =>
        samples => [.. samples.Zip(Logits(module, experiment, vocabulary, samples), (sample, logits) =>
            new Mask(sample.Picture.Height, sample.Picture.Width, System.Array.ConvertAll(logits, l => (byte)(l >= 0 ? 1 : 0))))];

    /// <summary>The model's logits at each picture's size, row by row.</summary>
    public static IReadOnlyList<float[]> Logits(Compiled module, Experiment experiment, Vocabulary vocabulary, IReadOnlyList<Sample> samples)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = Batch.Of(
            [.. samples.Select(s => Example.Of(s, vocabulary, experiment.Image, experiment.Words, experiment.Scale, truth: false))], experiment.Image, module.Place);
        var logits = module.Run(batch.Pixels, batch.Words).to(ScalarType.Float32).cpu().reshape(samples.Count, -1);
        return [.. samples.Select((sample, i) =>
            Letterbox.Of(sample.Picture.Height, sample.Picture.Width, experiment.Image).Restore(logits[i].data<float>().ToArray()))];
    }
}
