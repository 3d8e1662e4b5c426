using LanguageExt;

namespace Cmsa.Dsl.Onnx;

/// <summary>How a graph is written as an ONNX model.</summary>
/// <param name="Precision">Of its real numbers.</param>
/// <param name="WeightsBeside">
/// Whether the weights go to a file of their own beside the model; they always do where they exceed 2 GB.
/// </param>
/// <param name="Name">The model's name in the file.</param>
/// <param name="Output">The name of the output, where there is one.</param>
/// <param name="Description">What the model is, in a sentence.</param>
/// <param name="Metadata">
/// What else the file says, by key: the model's JSON, its vocabulary, how pixels become numbers. <see
/// cref="OnnxMetadata"/> has the keys.
/// </param>
/// <param name="Descriptions">What the inputs are, by name; what the graph knows of them is added.</param>
public sealed record OnnxOptions(
    OnnxPrecision Precision = OnnxPrecision.Float32,
    bool WeightsBeside = false,
    string Name = "model",
    string Output = "output",
    string Description = "",
    HashMap<string, string> Metadata = default,
    HashMap<string, string> Descriptions = default
);

/// <summary>The keys of the metadata that a file carries, so that it alone is enough to use the model.</summary>
public static class OnnxMetadata
{
    /// <summary>The model as JSON, as <c>cmsa export MODEL -o FILE.json</c> writes it.</summary>
    public const string Model = "cmsa.model";

    /// <summary>The words of the vocabulary, one a line: the first has number 0, the padding.</summary>
    public const string Vocabulary = "cmsa.vocabulary";

    /// <summary>How pixels become numbers: <c>Centred</c>, <c>ImageNet</c> or <c>Caffe</c>.</summary>
    public const string Pixels = "cmsa.pixels";

    /// <summary>How words and answers are treated, where not as usual: a protocol as JSON; absent otherwise.</summary>
    public const string Protocol = "cmsa.protocol";

    /// <summary>Whether the graph was exported <c>optimised</c> or <c>as written</c>.</summary>
    public const string Form = "cmsa.form";
}
