using Cmsa.Dsl.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    private static void RegisterCombinations()
    {
        Register<Combine>(
            (combine, node, on) =>
                combine.Combination switch
                {
                    Combination.Max => Binary(node, (a, b) => a.maximum(b)),
                    Combination.Min => Binary(node, (a, b) => a.minimum(b)),
                    Combination.Power => Binary(node, (a, b) => a.pow(b)),
                    Combination.Greater => Binary(node, (a, b) => a.gt(b).to(on.Real)),
                    Combination.Less => Binary(node, (a, b) => a.lt(b).to(on.Real)),
                    _ => throw new NotSupportedException($"No kernel for {combine.Combination}."),
                }
        );
        Register<Cast>(
            (cast, _, on) =>
                on.Real is ScalarType.BFloat16 or ScalarType.Float16
                    ? (x, _) => x[0].to(cast.ToFloat32 ? ScalarType.Float32 : on.Real)
                    : (x, _) => x[0].alias()
        );
    }
}
