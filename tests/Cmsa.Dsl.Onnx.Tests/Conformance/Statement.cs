using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Onnx.Tests.Conformance;

/// <summary>A value of the language with the tensors that it is given: an operator of ONNX, said in our operations.</summary>
internal sealed class Statement
{
    private readonly Dictionary<string, Tensor> given = [];
    private readonly Dictionary<string, Tensor> owned = [];

    /// <summary>The axes that ONNX counts and does not name, outermost first.</summary>
    public static Many<Axis> Axes(int count) => Many.Range(count).Map(i => new Axis($"d{i}"));

    /// <summary>A tensor whose first axis is the batch.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="axes">Its axes after the batch, in the order of the language.</param>
    public Node Batch(Tensor tensor, params Many<Axis> axes)
    {
        var name = $"x{given.Count}";
        given[name] = tensor;
        var dimensions = Many.Range(axes.Count).Map(i => new Dimension(axes[i], (int)tensor.shape[i + 1]));
        var type = tensor.dtype switch
        {
            ScalarType.Bool => ElementType.Boolean,
            ScalarType.Int64 => ElementType.Integer,
            _ => ElementType.Real,
        };
        return new(new Input(name, new([new(Axis.Batch, 1), .. dimensions]), type));
    }

    /// <summary>A tensor as one sample.</summary>
    public Node Sample(Tensor tensor, params Many<Axis> axes) => Batch(tensor.unsqueeze(0), axes);

    /// <summary>A tensor as one sample of axes without names: the innermost is the last of so many.</summary>
    public Node Sample(Tensor tensor, int rank)
    {
        var own = (int)tensor.Dimensions;
        return Sample(tensor, Axes(rank).Skip(rank - own).ToMany());
    }

    /// <summary>A tensor that is the same for all samples.</summary>
    public Node Owned(Tensor tensor, params Many<Axis> axes)
    {
        var name = $"w{owned.Count}";
        owned[name] = tensor;
        var shape = new Shape(Many.Range(axes.Count).Map(i => new Dimension(axes[i], (int)tensor.shape[i])));
        return new(new Parameter(name, shape, new Initializer.Fill(0), Role.Weight));
    }

    /// <summary>What our kernels make of a value.</summary>
    public Tensor Run(Node node)
    {
        var graph = Graph.Of("case", node);
        using var module = new Compiled(graph, new Options(Precision: Precision.Float64));
        using (torch.no_grad())
            foreach (var (parameter, tensor) in module.Tensors)
                tensor.copy_(owned[parameter.Path]);
        return module.Run([.. graph.Inputs.Map(i => given[i.Name])]).detach();
    }
}
