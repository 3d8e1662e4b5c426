using Cmsa.Dsl;
using Cmsa.Dsl.Graphs;

namespace Cmsa.Models.Ablations;

/// <summary>
/// A map times a learnt number for each of its channels and places: what a gate of a convolutional LSTM sees of the cell's
/// state (Shi et al. 2015). Parameter: <c>weight [channel, row, column]</c>.
/// </summary>
public sealed record Peephole : Layer<FeatureMap, FeatureMap>
{
    /// <inheritdoc/>
    protected override Signal Elaborate(Signal input, Scope scope)
    {
        var map = input.Node.Shape.Only([Axis.Channel, Axis.Row, Axis.Column]);
        // TensorFlow's start of a variable of three axes: the last two are its fans, the first a kernel's size.
        var bound = Math.Sqrt(6.0 / (map[Axis.Row] * (map[Axis.Column] + map[Axis.Channel])));
        return input.Node * scope.Parameter("weight", new Initializer.Uniform(bound), Role.Gain, [.. map.Dimensions]);
    }
}
