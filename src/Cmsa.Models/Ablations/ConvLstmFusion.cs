using Cmsa.Dsl;
using static Cmsa.Dsl.Layers.Syntax;
using static Cmsa.Models.DeepLab;

namespace Cmsa.Models.Ablations;

/// <summary>
/// Fusion by a convolutional LSTM (Shi et al. 2015; CVPR 2019, table 2, "ConvLSTM") that reads the levels as a
/// sequence, Res5 first. No peepholes; gates in PyTorch's order (input, forget, cell, output); 3x3 convolutions; both
/// states are zero at the start.
/// </summary>
public static class ConvLstmFusion
{
    /// <summary>
    /// <c>(i, f, g, o) = W_x * X + W_h * h + b</c>, <c>c' = sigmoid(f) c + sigmoid(i) tanh(g)</c>,
    /// <c>h' = sigmoid(o) tanh(c')</c>: levels <c>[channels, row, column]</c> of one size to h after Res3.
    /// </summary>
    /// <param name="channels">Channels of each level, and of the states.</param>
    public static Layer<Levels<FeatureMap>, FeatureMap> Of(int channels) =>
        Define<FeatureMap>(x =>
        {
            var (h5, c5) = Cell(Input(x[Res5]), 0);
            var (h4, c4) = Cell(Input(x[Res4]) + State(h5), c5);
            return Cell(Input(x[Res3]) + State(h4), c4).H;

            Term<FeatureMap> Input(Term<FeatureMap> level) => level >> Conv(4 * channels, 3).Named("input");
            Term<FeatureMap> State(Term<FeatureMap> h) => h >> Conv(4 * channels, 3, bias: false).Named("state");
        });

    // One step of the cell, given the gates before their functions.
    private static (Term<FeatureMap> H, Term<FeatureMap> C) Cell(Term<FeatureMap> gates, Term<FeatureMap> c)
    {
        var i = Sigmoid(gates >> Chunk(0, 4));
        var f = Sigmoid(gates >> Chunk(1, 4));
        var g = Tanh(gates >> Chunk(2, 4));
        var o = Sigmoid(gates >> Chunk(3, 4));
        var next = f * c + i * g;
        return (o * Tanh(next), next);
    }
}
