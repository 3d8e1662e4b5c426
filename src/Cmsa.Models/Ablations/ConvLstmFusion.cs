using Cmsa.Dsl;
using Cmsa.Dsl.Layers;
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

    /// <summary>
    /// The cell of RRN's public code (Li et al. 2018), which the paper cites: 1x1 convolutions without a bias, peepholes
    /// on i, f and o with a weight for each place and channel, each of j, i, f, o and c normalised over channels and
    /// places with a gain and a bias a channel, and a forget gate biased by 1:
    /// <c>(j, i, f, o) = W [X, h]</c>, <c>i += w_ci c</c>, <c>f += w_cf c</c>,
    /// <c>c' = sigmoid(norm(f) + 1) c + sigmoid(norm(i)) tanh(norm(j))</c>, <c>o += w_co c'</c>,
    /// <c>h' = sigmoid(norm(o)) tanh(norm(c'))</c>; the normalised c' goes on to the next level.
    /// </summary>
    /// <param name="channels">Channels of each level, and of the states.</param>
    public static Layer<Levels<FeatureMap>, FeatureMap> AsCited(int channels) =>
        Define<FeatureMap>(x =>
        {
            var first = Step(Gates(x[Res5]), x[Res5] * 0);
            var second = Step(Gates(x[Res4]) + State(first.H), first.C);
            return Step(Gates(x[Res3]) + State(second.H), second.C).H;

            Term<FeatureMap> Gates(Term<FeatureMap> level) => level >> Conv(4 * channels, 1, bias: false).Named("input");
            Term<FeatureMap> State(Term<FeatureMap> h) => h >> Conv(4 * channels, 1, bias: false).Named("state");
        });

    private static (Term<FeatureMap> H, Term<FeatureMap> C) Step(Term<FeatureMap> gates, Term<FeatureMap> c)
    {
        var j = gates >> Chunk(0, 4) >> Normed("j");
        var i = (gates >> Chunk(1, 4)) + (c >> new Peephole().Named("peephole_i")) >> Normed("i");
        var f = (gates >> Chunk(2, 4)) + (c >> new Peephole().Named("peephole_f")) >> Normed("f");
        var next = Sigmoid(f + 1) * c + Sigmoid(i) * Tanh(j);
        var o = (gates >> Chunk(3, 4)) + (next >> new Peephole().Named("peephole_o")) >> Normed("o");
        var kept = next >> Normed("c");
        return (Sigmoid(o) * Tanh(kept), kept);
    }

    // TensorFlow's layer norm over a map: its epsilon is 1e-12.
    private static Layer<FeatureMap, FeatureMap> Normed(string gate) => new GroupNorm(1, 1e-12).Named($"norm_{gate}");

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
