using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    private const double RoundingOfGradients = 1e-8;
    private static readonly Many<OptimizationLevel> rewritten = [OptimizationLevel.Fused, OptimizationLevel.All];
    private static readonly Many<OptimizationLevel> leastAndMost = [OptimizationLevel.AsWritten, OptimizationLevel.All];

    /// <summary>
    /// However far a program is rewritten, it computes what was written, and the same gradients of every parameter and
    /// argument.
    /// </summary>
    public static Verdict OptimisedIsAsWritten<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "the optimised program means what was written",
            () =>
            {
                var written = Trial.Of(layer, inputs, seed, OptimizationLevel.AsWritten);
                var value = written.Run();
                var gradients = Gradients(layer, inputs, seed, OptimizationLevel.AsWritten);
                return rewritten.Bind(effort =>
                    Difference.Between($"{effort}: ", Trial.Of(layer, inputs, seed, effort).Run(), value, Rounding)
                    + Gradients(layer, inputs, seed, effort)
                        .Zip(
                            gradients,
                            (found, expected) =>
                                Difference.Between(
                                    $"the gradient of {expected.Name} ({effort})",
                                    found.Gradient,
                                    expected.Gradient,
                                    RoundingOfGradients
                                )
                        )
                        .Bind(d => d)
                );
            }
        );

    /// <summary>Goes back from the sum of all results, each element with a weight of its own.</summary>
    private static void BackThrough(Many<Result> results, int seed)
    {
        var terms = results
            .Filter(r => r.Value.requires_grad)
            .Map(r => (r.Value * Drawn.Uniform($"cotangent of {r.Name}", r.Value.shape, seed, u => u * 2 - 1)).sum());
        if (!terms.IsEmpty)
            terms.Reduce((a, b) => a.add(b, Scalars.One)).backward();
    }

    /// <summary>
    /// The gradients of a sum of all results, each element with a weight of its own, by every learnt parameter and real
    /// argument. Statistics are used and dropout is off, as at inference.
    /// </summary>
    private static Many<(string Name, Tensor Gradient)> Gradients(
        Layer layer,
        InputSpec inputs,
        int seed,
        OptimizationLevel effort,
        Func<Trial, Many<Result>>? run = null
    )
    {
        var trial = Trial.Of(layer, inputs, seed, effort, training: true);
        trial.Module.eval();
        var learnt = trial.Module.Tensors.Where(t => t.Tensor.requires_grad).Select(t => (t.Parameter.Path, t.Tensor));
        var given = trial
            .Module.Graph.Inputs.Zip([.. trial.Arguments], (input, tensor) => (input.Name, Tensor: tensor))
            .Filter(t => t.Tensor.is_floating_point())
            .Map(t => (t.Name, t.Tensor.requires_grad_()));
        BackThrough(run is null ? trial.Run() : run(trial), seed);
        return
        [
            .. learnt
                .Concat(given.Select(g => (g.Name, g.Item2)))
                .Select(t => (t.Item1, t.Item2.grad?.clone() ?? torch.zeros_like(t.Item2))),
        ];
    }
}
