using Cmsa.Dsl.Torch;
using Cmsa.Experiments.Batches;
using Cmsa.Experiments.Specs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Experiments.Scoring;

/// <summary>
/// What a model computes from a picture alone, kept: each expression costs the rest. The pixels are not kept. Several
/// threads may ask it at once.
/// </summary>
public sealed class BoundPicture : IDisposable
{
    private readonly Experiment experiment;
    private readonly Vocabulary vocabulary;
    private readonly bool shows;
    private readonly Bound bound;

    private BoundPicture(Compiled module, Experiment experiment, Vocabulary vocabulary, int height, int width, Bound bound)
    {
        (this.experiment, this.vocabulary, this.bound) = (experiment, vocabulary, bound);
        shows = !module.Options.Probes.IsEmpty;
        (Height, Width) = (height, width);
    }

    /// <summary>Rows of the picture, in pixels.</summary>
    public int Height { get; }

    /// <summary>Columns of the picture, in pixels.</summary>
    public int Width { get; }

    /// <summary>Binds a model to a picture.</summary>
    /// <param name="module">The model; with <see cref="HeatMaps.Probes"/> where the words' maps are wanted.</param>
    /// <param name="experiment">What it was trained as: its sizes, and how it takes pixels.</param>
    /// <param name="vocabulary">The words it knows.</param>
    /// <param name="picture">The picture.</param>
    /// <returns>The bound picture; the caller's to dispose, before the model.</returns>
    public static BoundPicture Of(Compiled module, Experiment experiment, Vocabulary vocabulary, Picture picture)
    {
        using var off = no_grad();
        var nothing = new BinaryMask(picture.Height, picture.Width, []);
        var example = ModelAnswer.ExampleOf(new("", picture, nothing, "", [], ""), experiment, vocabulary);
        using var batch = Batch.Of([example], experiment.Image, module.Context);
        var bound = module.Bind(batch.Pixels);
        return new(module, experiment, vocabulary, picture.Height, picture.Width, bound);
    }

    /// <summary>The mask of an expression at the picture's size, as <see cref="ModelAnswer"/> gives it.</summary>
    /// <param name="tokens">The expression's words.</param>
    public BinaryMask Mask(Many<string> tokens) => Mask(tokens, Height, Width);

    /// <summary>The mask of an expression at another size of the same proportions.</summary>
    /// <param name="tokens">The expression's words.</param>
    /// <param name="height">Rows of the mask.</param>
    /// <param name="width">Columns of the mask.</param>
    public BinaryMask Mask(Many<string> tokens, int height, int width)
    {
        using var off = no_grad();
        using var words = WordsOf(tokens);
        using var logits = bound.Run(words);
        using var scope = NewDisposeScope();
        var square = logits.to(ScalarType.Float32).cpu().reshape(-1).data<float>().ToArray();
        var box = Letterbox.Of(height, width, experiment.Image);
        return ModelAnswer.MaskOf(box, square, experiment.Training.Protocol.Answers);
    }

    /// <summary>
    /// Where each word of an expression looks; none where the model was compiled without <see cref="HeatMaps.Probes"/>.
    /// </summary>
    /// <param name="tokens">The expression's words.</param>
    /// <param name="height">Rows of each map.</param>
    /// <param name="width">Columns of each map.</param>
    public Many<HeatMap> Heat(Many<string> tokens, int height, int width)
    {
        if (!shows)
            return [];
        using var off = no_grad();
        using var words = WordsOf(tokens);
        using var outcome = bound.RunShowing(words);
        return HeatMaps.Of(outcome, experiment, tokens, Letterbox.Of(height, width, experiment.Image));
    }

    /// <summary>Frees what is kept.</summary>
    public void Dispose() => bound.Dispose();

    private Tensor WordsOf(Many<string> tokens)
    {
        return tensor(TrainingExample.WordsOf(tokens, vocabulary, experiment.Words), [1, experiment.Words]);
    }
}
