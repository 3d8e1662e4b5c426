using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>A linear map of channels, or a convolution of single cells, which is one.</summary>
/// <param name="Of">What is mapped.</param>
/// <param name="Weight">Its weight <c>[out, in]</c>.</param>
/// <param name="Bias">What is added, where something was fused in.</param>
internal sealed record LinearMap(Node Of, Node Weight, Many<Node> Bias)
{
    /// <summary>The operations that may be linear maps.</summary>
    public static Many<Type> Roots { get; } = [typeof(Linear), typeof(Convolve)];

    /// <summary>The map that a node is, if it is one.</summary>
    public static Option<LinearMap> From(Node node) =>
        node switch
        {
            { Operation: Linear, Operands: [var x, var weight, .. var bias] } => new LinearMap(x, weight, bias),
            { Operation: Convolve { MapsChannels: true }, Operands: [var x, var weight, .. var bias] }
                when Spatial.IsOneCell(weight) =>
                new LinearMap(x, weight.Reduce(Reduction.Sum, [Axis.KernelRow, Axis.KernelColumn]), bias),
            _ => Option<LinearMap>.None,
        };
}
