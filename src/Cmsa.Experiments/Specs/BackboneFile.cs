using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Onnx.Reading;
using Cmsa.Dsl.Torch;
using LanguageExt;
using TorchSharp;
using static LanguageExt.Prelude;

namespace Cmsa.Experiments.Specs;

/// <summary>
/// A file of pretrained weights that is open: .safetensors, PyTorch's .pth, or an ONNX model's initialisers.
/// </summary>
internal sealed class BackboneFile : IDisposable
{
    private readonly Option<OnnxWeights> onnx;

    private BackboneFile(WeightsFile weights, Option<OnnxWeights> onnx) => (Weights, this.onnx) = (weights, onnx);

    /// <summary>Its tensors, by the file's names.</summary>
    public WeightsFile Weights { get; }

    /// <summary>Opens a file; one whose name ends in .onnx is read as ONNX.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The key of the state dictionary in a .pth that holds several; empty to find it.</param>
    public static Either<Error, BackboneFile> Open(string path, string key = "")
    {
        var isOnnx = path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
        if (isOnnx && key.Length > 0)
            return new Error($"an .onnx file has no key {key}", path, "give no key");
        return isOnnx
            ? OnnxWeights.Read(path).Map(onnx => new BackboneFile(InMemory(onnx), onnx))
            : Dsl.Torch.Weights.Read(path, key).Map(weights => new BackboneFile(weights, None));
    }

    private static WeightsFile InMemory(OnnxWeights onnx) =>
        WeightsInMemory.Of(onnx.Path, onnx.Tensors.Map(t => Named(t, t.Name)));

    private static MemoryTensor Named(OnnxTensor tensor, string name) =>
        new(name, TypeOf(tensor.Element), tensor.Sizes, tensor.Bytes);

    private static torch.ScalarType TypeOf(OnnxElement element) =>
        element switch
        {
            OnnxElement.Float64 => torch.ScalarType.Float64,
            OnnxElement.Float16 => torch.ScalarType.Float16,
            OnnxElement.BFloat16 => torch.ScalarType.BFloat16,
            OnnxElement.Int64 => torch.ScalarType.Int64,
            OnnxElement.Int32 => torch.ScalarType.Int32,
            _ => torch.ScalarType.Float32,
        };

    /// <summary>
    /// The file's tensors, and from their names to a model's paths. Where no name of an ONNX file fits, its
    /// convolutions
    /// and batch norms are found in the model by their order; their tensors then have the model's paths as names.
    /// </summary>
    /// <param name="named">The mapping by name; null for what belongs to no backbone.</param>
    /// <param name="graph">The model.</param>
    public Either<Error, (WeightsFile Weights, Func<string, string?> Names)> In(
        Graph graph,
        Func<string, string?> named
    )
    {
        var paths = graph.Parameters.Map(p => p.Path).ToHashSet();
        var fits = Weights.Tensors.Exists(t => named(t.Name) is { } path && paths.Contains(path));
        return onnx.Filter(_ => !fits)
            .Match(
                None: () => Right<Error, (WeightsFile, Func<string, string?>)>((Weights, named)),
                Some: file => file.InOrder(graph, Pretrained.IsBelow).Map(names => ByPlace(file, names))
            );
    }

    // A file may hold one tensor for several layers.
    private static (WeightsFile, Func<string, string?>) ByPlace(OnnxWeights file, HashMap<string, string> names)
    {
        var tensors = file.Tensors.ToDictionary(t => t.Name);
        var placed = names.Map(n => (Tensor: tensors[n.Value], Name: n.Key)).ToMany();
        var taken = placed.Map(p => p.Tensor.Name).ToHashSet();
        var others = file.Tensors.Filter(t => !taken.Contains(t.Name)).Map(t => (Tensor: t, t.Name));
        var all = (placed + others).Map(t => Named(t.Tensor, t.Name));
        var paths = placed.Map(p => p.Name).ToHashSet();
        return (WeightsInMemory.Of(file.Path, all), name => paths.Contains(name) ? name : null);
    }

    /// <inheritdoc/>
    public void Dispose() => Weights.Dispose();
}
