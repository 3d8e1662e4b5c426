using Cmsa.Experiments.Specs;
using LanguageExt;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Batches;

/// <summary>A sample as numbers, ready for a model: the work that the feed's threads do ahead of training.</summary>
/// <param name="Pixels">The letterboxed picture, channel by channel: <c>3 * side * side</c>.</param>
/// <param name="Words">The words' numbers, padded on the left.</param>
/// <param name="Truth">The letterboxed region, 0 or 1: <c>side * side</c>; empty where none was asked for.</param>
/// <param name="IsCut">Whether the expression has more words than the model takes, of which the last are cut.</param>
internal sealed record TrainingExample(float[] Pixels, long[] Words, float[] Truth, bool IsCut)
{
    /// <summary>A sample as a model of these sizes takes it.</summary>
    public static TrainingExample Of(
        Sample sample,
        Vocabulary vocabulary,
        int side,
        int words,
        PixelNormalization scale,
        bool truth,
        Protocol protocol = default
    ) => Of(sample, PixelsOf(sample.Picture, side, scale), vocabulary, side, words, truth, protocol);

    /// <summary>The numbers of a picture, letterboxed into a square.</summary>
    public static float[] PixelsOf(Picture picture, int side, PixelNormalization scale) =>
        scale.Of(Letterbox.Of(picture.Height, picture.Width, side).Fit(picture).Rgb);

    /// <summary>A sample whose picture is numbers already.</summary>
    public static TrainingExample Of(
        Sample sample,
        float[] pixels,
        Vocabulary vocabulary,
        int side,
        int words,
        bool truth,
        Protocol protocol = default
    )
    {
        var asked = protocol.WordsOf(sample);
        var box = Letterbox.Of(sample.Picture.Height, sample.Picture.Width, side);
        return new(
            pixels,
            WordsOf(asked, vocabulary, words),
            truth ? System.Array.ConvertAll(protocol.TargetOf(sample.Truth, box).Pixels, b => (float)b) : [],
            asked.Count > words
        );
    }

    /// <summary>The numbers of words, padded on the left, cut where there are more than these.</summary>
    public static long[] WordsOf(Many<string> tokens, Vocabulary vocabulary, int words) =>
        [.. vocabulary.Encode(tokens, words).Select(id => (long)id)];
}

/// <summary>Examples side by side as tensors.</summary>
/// <param name="Pixels"><c>[batch, 3, side, side]</c>, or one picture for all.</param>
/// <param name="Words"><c>[batch, words]</c>, int64.</param>
/// <param name="Truth"><c>[batch, side * side]</c>, float32; of no columns where the examples have none.</param>
internal sealed record Batch(Tensor Pixels, Tensor Words, Tensor Truth) : IDisposable
{
    /// <summary>How many samples there are.</summary>
    public long Count => Words.shape[0];

    /// <summary>These examples as tensors on a device.</summary>
    public static Batch Of(
        IReadOnlyList<TrainingExample> examples,
        int side,
        Cmsa.Dsl.Torch.Kernels.DeviceContext place
    ) => Of(examples, examples, side, place);

    /// <summary>Examples of one picture as tensors on a device: the picture once, and all of their words.</summary>
    public static Batch OfOnePicture(
        IReadOnlyList<TrainingExample> examples,
        int side,
        Cmsa.Dsl.Torch.Kernels.DeviceContext place
    ) => Of([examples[0]], examples, side, place);

    private static Batch Of(
        IReadOnlyList<TrainingExample> pictures,
        IReadOnlyList<TrainingExample> examples,
        int side,
        Cmsa.Dsl.Torch.Kernels.DeviceContext place
    ) =>
        new(
            place.Take(tensor(Joined(pictures, e => e.Pixels), [pictures.Count, 3, side, side]).to(place.Real)),
            place.Take(tensor(Joined(examples, e => e.Words), [examples.Count, examples[0].Words.Length])),
            place.Take(tensor(Joined(examples, e => e.Truth), [examples.Count, examples[0].Truth.Length]))
        );

    private static T[] Joined<T>(IReadOnlyList<TrainingExample> examples, Func<TrainingExample, T[]> part)
    {
        var length = part(examples[0]).Length;
        var all = GC.AllocateUninitializedArray<T>(length * examples.Count);
        for (var i = 0; i < examples.Count; i++)
            part(examples[i]).CopyTo(all, i * length);
        return all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pixels.Dispose();
        Words.Dispose();
        Truth.Dispose();
    }
}
