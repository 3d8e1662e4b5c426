using System.Collections.Frozen;
using System.Collections.Immutable;
using global::Onnx;
using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Onnx.Reading;

/// <summary>A convolution or batch norm of a network.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Weights">What it takes, in the order of ONNX's operators: names in a file, or paths in a model.</param>
/// <param name="After">The layers that it is behind, with nothing between them that has weights: their numbers.</param>
internal sealed record NetworkLayer(LayerKind Kind, Many<string> Weights, ImmutableHashSet<int> After);

/// <summary>What a layer is.</summary>
internal enum LayerKind
{
    Convolution,
    BatchNorm,
}

/// <summary>The convolutions and batch norms of a file.</summary>
internal static class FileLayers
{
    // What passes values on without weights of its own, or ends a classifier.
    private static readonly FrozenSet<string> known = FrozenSet.ToFrozenSet(
        (string[])
            [
                "Add",
                "AveragePool",
                "Cast",
                "Clip",
                "Concat",
                "Constant",
                "ConstantOfShape",
                "Div",
                "Dropout",
                "Elu",
                "Flatten",
                "Gather",
                "Gemm",
                "GlobalAveragePool",
                "GlobalMaxPool",
                "HardSigmoid",
                "HardSwish",
                "Identity",
                "LeakyRelu",
                "LogSoftmax",
                "LRN",
                "MatMul",
                "MaxPool",
                "Mul",
                "Pad",
                "PRelu",
                "ReduceMean",
                "Relu",
                "Reshape",
                "Resize",
                "Shape",
                "Sigmoid",
                "Slice",
                "Softmax",
                "Split",
                "Squeeze",
                "Sub",
                "Sum",
                "Tanh",
                "Transpose",
                "Unsqueeze",
                "Upsample",
            ]
    );

    public static Either<Error, Many<NetworkLayer>> Of(GraphProto graph, string path)
    {
        var layers = new List<NetworkLayer>();
        var behind = new Dictionary<string, ImmutableHashSet<int>>();
        // An exporter may hand a weight on under another name.
        var aliases = graph.Node.Where(n => n.OpType == "Identity").ToDictionary(n => n.Output[0], n => n.Input[0]);
        foreach (var node in graph.Node)
        {
            var kind = KindOf(node);
            if (kind.IsNone && (node.Domain is not ("" or "ai.onnx") || !known.Contains(node.OpType)))
                return new Error(
                    $"the operator {node.OpType} is not known where layers are found by their order",
                    path,
                    "give a file whose tensors have torchvision's names, or a mapping of its names"
                );
            var after = node.Input.Aggregate(
                Nothing,
                (all, input) => all.Union(behind.GetValueOrDefault(input, Nothing))
            );
            if (kind.Case is LayerKind found)
            {
                layers.Add(new(found, node.Input.Skip(1).Select(Named).ToMany(), after));
                after = [layers.Count - 1];
            }
            foreach (var output in node.Output)
                behind[output] = after;
        }
        return layers.ToMany();

        string Named(string name) => aliases.TryGetValue(name, out var original) ? Named(original) : name;
    }

    private static ImmutableHashSet<int> Nothing => [];

    private static Option<LayerKind> KindOf(NodeProto node) =>
        node.OpType switch
        {
            "Conv" => LayerKind.Convolution,
            "BatchNormalization" => LayerKind.BatchNorm,
            _ => None,
        };
}

/// <summary>The convolutions and batch norms of a model.</summary>
internal static class ModelLayers
{
    public static Many<(NetworkLayer Layer, Many<Many<long>> Sizes)> Of(Graph graph, Func<string, bool> among)
    {
        var layers = new List<(NetworkLayer, Many<Many<long>>)>();
        var behind = new Dictionary<Node, ImmutableHashSet<int>>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            var after = node.Operands.Fold(ImmutableHashSet<int>.Empty, (all, o) => all.Union(behind[o]));
            var parameters = node.Operands.Skip(1).ToMany().Choose(o => Optional(o.Operation as Parameter));
            if (
                KindOf(node).Case is LayerKind kind
                && parameters.Count == node.Operands.Count - 1
                && parameters.ForAll(p => among(p.Path))
            )
            {
                layers.Add(
                    (
                        new(kind, parameters.Map(p => p.Path), after),
                        parameters.Map(p => p.Of.Dimensions.Map(d => (long)d.Size))
                    )
                );
                after = [layers.Count - 1];
            }
            behind[node] = after;
        }
        return layers.ToMany();
    }

    private static Option<LayerKind> KindOf(Node node) =>
        node.Operation switch
        {
            Convolve => LayerKind.Convolution,
            NormaliseBatch => LayerKind.BatchNorm,
            _ => None,
        };
}
