using global::Onnx;
using Cmsa.Dsl.Graphs;
using Google.Protobuf;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Onnx.Reading;

/// <summary>
/// The weights of an ONNX file: its initialisers and constants, by name, and the layers that take them.
/// </summary>
public sealed class OnnxWeights
{
    private readonly GraphProto graph;

    private OnnxWeights(string path, GraphProto graph, Many<OnnxTensor> tensors) =>
        (Path, this.graph, Tensors) = (path, graph, tensors);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its tensors of floating-point or whole numbers, in the file's order.</summary>
    public Many<OnnxTensor> Tensors { get; }

    /// <summary>The weights of a file. Nothing of it is run.</summary>
    /// <param name="path">The file; data beside it is read where it lies in the same folder or below.</param>
    /// <returns>
    /// The weights; an error where the file is no ONNX, is cut off, or refers to data outside its folder.
    /// </returns>
    public static Either<Error, OnnxWeights> Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var model = ModelProto.Parser.ParseFrom(file);
            return model.Graph is null || model.IrVersion <= 0 ? NoOnnx(path) : Of(path, model.Graph);
        }
        catch (InvalidProtocolBufferException)
        {
            return NoOnnx(path);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Error("there is no such file", path);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new Error(refused.Message.TrimEnd('.'), path);
        }
    }

    private static Error NoOnnx(string path) =>
        new("the file is no ONNX model, or is cut off", path, "copy it again, or export it again");

    private static Either<Error, OnnxWeights> Of(string path, GraphProto graph)
    {
        var constants = graph
            .Node.Where(n => n.OpType == "Constant" && n.Output.Count == 1)
            .SelectMany(n => n.Attribute.Where(a => a.T is not null).Select(a => (Name: n.Output[0], Tensor: a.T)));
        var stored = graph.Initializer.Select(t => (t.Name, Tensor: t)).Concat(constants);
        var reader = new TensorReader(path);
        return stored
            .Aggregate(
                Right<Error, List<OnnxTensor>>([]),
                (read, next) =>
                    read.Bind(list =>
                        reader
                            .Read(next.Name, next.Tensor)
                            .Map(tensor =>
                            {
                                list.AddRange(tensor.ToMany());
                                return list;
                            })
                    )
            )
            .Map(list => new OnnxWeights(path, graph, list.ToMany()));
    }

    /// <summary>
    /// Which tensor of the file is which parameter of a model, by what convolutions and batch norms take from each
    /// other: the file's layers, in its order, are found
    /// in the model one after the other, each behind those that it is behind in the file. Names play no part.
    /// </summary>
    /// <param name="model">The model as a graph, as written.</param>
    /// <param name="among">Which of its parameters are looked for, by path.</param>
    /// <returns>
    /// The file's name for each path; an error where the file has operators that are not known, layers that the model
    /// does not have, or batch norms that were
    /// folded into convolutions.
    /// </returns>
    public Either<Error, HashMap<string, string>> InOrder(Graph model, Func<string, bool> among) =>
        from file in FileLayers.Of(graph, Path)
        from found in LayerMatch.Of(file, ModelLayers.Of(model, among), SizesOf, Path)
        select found;

    private Many<long> SizesOf(string name) => Tensors.Find(t => t.Name == name).Map(t => t.Sizes).IfNone([]);
}
