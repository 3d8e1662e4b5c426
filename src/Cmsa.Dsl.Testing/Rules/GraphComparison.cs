using System.Runtime.InteropServices;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

/// <summary>
/// Whether two graphs compute the same in float64: values, gradients of every parameter and input, and statistics kept
/// on the way.
/// </summary>
public static class GraphComparison
{
    private const double Close = 1e-8;
    private const int Samples = 3;

    // The logarithm of nothing is some number below this: its exponential is 0, and nothing depends on which number it
    // is.
    private const double Nothing = 1e20;

    /// <summary>
    /// What differs between two graphs of the same inputs and parameters; nothing where they compute the same.
    /// </summary>
    /// <param name="written">The one that is right.</param>
    /// <param name="rewritten">The other.</param>
    /// <param name="training">Whether both run as in training: batch norms learn their statistics.</param>
    public static Many<string> Differences(Graph written, Graph rewritten, bool training)
    {
        using var scope = NewDisposeScope();
        try
        {
            var right = Run(WithoutDuplicates(written), training);
            var found = Run(WithoutDuplicates(rewritten), training);
            if (!found.Value.shape.SequenceEqual(right.Value.shape))
                return
                [
                    $"the result is [{string.Join(", ", found.Value.shape)}] and not [{string.Join(", ", right.Value.shape)}]",
                ];
            return Difference("the result", found.Value, right.Value)
                + Differences("the gradient of", found.Gradients, right.Gradients)
                + Differences("the statistic", found.Statistics, right.Statistics);
        }
        // TorchSharp throws the second where a native call gave nothing.
        catch (Exception native) when (native is ExternalException or NullReferenceException)
        {
            return [$"it does not run: {native.Message.Split('\n')[0]}"];
        }
    }

    // A module takes each of its inputs once.
    private static Graph WithoutDuplicates(Graph graph) => GraphOptimizer.Rewrite(graph, []).Graph;

    private sealed record Found(
        Tensor Value,
        Dictionary<string, Tensor> Gradients,
        Dictionary<string, Tensor> Statistics
    );

    private static Found Run(Graph graph, bool training)
    {
        using var module = new Compiled(graph, new(Precision: Precision.Float64, Training: true)).WithDrawnWeights(1);
        module.train(training);
        var given = graph.Inputs.Map(i => (i.Name, Tensor: Given(i)));
        foreach (var (_, tensor) in given)
            if (tensor.is_floating_point())
                tensor.requires_grad_();
        var result = module.Run([.. given.Map(g => g.Tensor)]);
        // What no input is left of is the same for all samples.
        if (graph.Inputs.IsEmpty && graph.Output.Node.Shape.Has(Axis.Batch))
            result = result.expand([Samples, .. result.shape[1..]]);
        if (result.requires_grad)
        {
            var cotangent = Drawn.Uniform("cotangent", result.shape, 1, u => u * 2 - 1);
            (result * cotangent.masked_fill(result.detach().abs().gt(Scalars.Of(Nothing)), Scalars.Of(0.0)))
                .sum()
                .backward();
        }
        var learnt = module.Tensors.Where(t => t.Tensor.requires_grad).Select(t => (t.Parameter.Path, t.Tensor));
        var leaves = given.Where(g => g.Tensor.is_floating_point()).Concat(learnt);
        return new(
            result.detach(),
            leaves.ToDictionary(l => l.Item1, l => l.Item2.grad?.clone() ?? torch.zeros_like(l.Item2)),
            module
                .Tensors.Where(t => t.Parameter.Role == Role.Statistic)
                .ToDictionary(t => t.Parameter.Path, t => t.Tensor.clone())
        );
    }

    // Three samples. Of words there is one at least; of anything else the first sample may have nothing.
    private static Tensor Given(Input input)
    {
        long[] sizes = [Samples, .. input.Of.Dimensions.Tail.Map(d => (long)d.Size)];
        if (input.Element == ElementType.Real)
            return Drawn.Uniform(input.Name, sizes, 1, u => u * 2 - 1);
        if (input.Of.Axes == [Axis.Batch, Axis.Word])
            return Drawn.Present(Samples, sizes[1], 4);
        var present = Drawn.Uniform(input.Name, sizes, 4).gt(0.4);
        return present.logical_and(torch.arange(Samples).gt(0).reshape([Samples, .. sizes[1..].Select(_ => 1L)]));
    }

    private static Many<string> Differences(
        string what,
        Dictionary<string, Tensor> found,
        Dictionary<string, Tensor> right
    ) =>
        [
            .. right.SelectMany(r =>
                Difference($"{what} {r.Key}", found.GetValueOrDefault(r.Key) ?? torch.zeros_like(r.Value), r.Value)
            ),
        ];

    private static Many<string> Difference(string what, Tensor found, Tensor right)
    {
        if (right.numel() == 0)
            return [];
        var (a, b) = (found.clamp(-Nothing, Nothing), right.clamp(-Nothing, Nothing));
        var worst = (a - b).abs().div(a.abs() + 1).max().item<double>();
        return worst < Close ? [] : [$"{what} differs by {worst:g3}"];
    }
}
