using Cmsa.Data;
using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Specs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Scoring;

/// <summary>
/// A model that something else than TorchSharp runs, with what it takes to ask it: for one picture at a time.
/// </summary>
/// <param name="Image">The picture's side, in pixels, as the model takes it.</param>
/// <param name="Words">The longest expression that the model takes.</param>
/// <param name="Pixels">How it takes pixels.</param>
/// <param name="Vocabulary">The words it knows.</param>
/// <param name="Protocol">How expressions become words, and logits masks.</param>
/// <param name="Run">
/// Given pixels <c>[1, 3, side, side]</c> in float32 and words <c>[1, words]</c> in int64, the logits; its own to
/// dispose until it
/// returns.
/// </param>
public sealed record Predictor(
    int Image,
    int Words,
    PixelNormalization Pixels,
    Vocabulary Vocabulary,
    Protocol Protocol,
    Func<Tensor, Tensor, Either<Error, Tensor>> Run
)
{
    /// <summary>The mask of what an expression names, at the picture's size, as the protocol makes it of the logits.</summary>
    /// <param name="sample">The picture and the expression.</param>
    /// <param name="crf">The field behind the model, if any.</param>
    public Either<Error, BinaryMask> Answer(Sample sample, Option<DenseCrf> crf = default)
    {
        using var scope = NewDisposeScope();
        var on = new Kernels.DeviceContext(CPU, ScalarType.Float32);
        var example = TrainingExample.Of(sample, Vocabulary, Image, Words, Pixels, truth: false, Protocol);
        using var batch = Batch.Of([example], Image, on);
        return Run(batch.Pixels, batch.Words)
            .Map(logits =>
            {
                var square = logits.to(ScalarType.Float32).cpu().reshape(-1).data<float>().ToArray();
                return ModelAnswer.MasksOf(sample.Picture, square, Image, [new(crf, Protocol.Answers)])[0];
            });
    }
}
