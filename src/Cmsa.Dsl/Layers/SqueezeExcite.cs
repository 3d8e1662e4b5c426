using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Layers;

public static partial class Syntax
{
    /// <summary>
    /// Squeeze and excitation (Hu et al. 2018): each channel times a gate that all places decide together, through
    /// <c>gate.fc1</c> and <c>gate.fc2</c>.
    /// </summary>
    /// <param name="channels">Channels of the map.</param>
    /// <param name="reduction">How many times fewer the gate has inside.</param>
    public static Layer<FeatureMap, FeatureMap> SqueezeExcite(int channels, int reduction = 16) =>
        Define<FeatureMap, FeatureMap>(x =>
            x
            * (
                x
                >> (
                    GlobalAverage
                    >> Linear<Vector>(Math.Max(1, channels / reduction)).Named("fc1")
                    >> Relu
                    >> Linear<Vector>(channels).Named("fc2")
                    >> Sigmoid
                ).Named("gate")
            )
        );
}
