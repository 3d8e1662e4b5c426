using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    /// <summary>
    /// A module whose inputs are bound, any of them, in any order, computes what it computes of all at once, with the
    /// same gradients; and one bound sample goes with a batch of the others.
    /// </summary>
    public static Verdict BoundIsUnbound<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "bound inputs change nothing",
            () =>
                leastAndMost.Bind(effort =>
                    BoundForward(layer, inputs, seed, effort) + BoundGradients(layer, inputs, seed, effort)
                )
        );

    private static Many<string> BoundForward(Layer layer, InputSpec inputs, int seed, OptimizationLevel effort)
    {
        var trial = Trial.Of(layer, inputs, seed, effort);
        var order = Shuffled(trial, seed);
        return Many.Range(order.Count)
            .Bind(last =>
            {
                var first = order.Take(last + 1);
                using var bound = BoundTo(trial, first, a => a);
                // Twice, since a run must leave what is bound as it is.
                bound.RunAll(Rest(trial, first)).Dispose();
                var found = trial.Results(bound.RunAll(Rest(trial, first)));
                var when = $"{effort}, bound to {string.Join(", ", first.Map(i => i.Name))}: ";
                return Difference.Between(when, found, trial.Run(), Rounding) + OneForAll(trial, first, when);
            });
    }

    // One sample of what is bound with a batch of the others is that sample repeated.
    private static Many<string> OneForAll(Trial trial, Many<Input> first, string when)
    {
        if (first.Count == trial.Arguments.Length)
            return [];
        using var one = BoundTo(trial, first, a => a.narrow(0, 0, 1));
        var repeated = trial.Module.Graph.Inputs.Zip(
            [.. trial.Arguments],
            (input, argument) =>
                first.Contains(input) ? argument.narrow(0, 0, 1).expand(argument.shape).contiguous() : argument
        );
        return Difference.Between(
            $"{when}one sample for all: ",
            trial.Results(one.RunAll(Rest(trial, first))),
            trial.Run([.. repeated]),
            Rounding
        );
    }

    private static Many<string> BoundGradients(Layer layer, InputSpec inputs, int seed, OptimizationLevel effort)
    {
        var expected = Gradients(layer, inputs, seed, effort);
        var found = Gradients(
            layer,
            inputs,
            seed,
            effort,
            trial =>
            {
                var order = Shuffled(trial, seed);
                var first = order.Take(1 + (seed % order.Count));
                using var bound = BoundTo(trial, first, a => a);
                return trial.Results(bound.RunAll(Rest(trial, first)));
            }
        );
        return found
            .Zip(
                expected,
                (f, e) =>
                    Difference.Between(
                        $"{effort}, bound: the gradient of {e.Name}",
                        f.Gradient,
                        e.Gradient,
                        RoundingOfGradients
                    )
            )
            .Bind(d => d);
    }

    private static Bound BoundTo(Trial trial, Many<Input> first, Func<Tensor, Tensor> some)
    {
        var bound = trial.Module.Bind(first.Head.Name, Given(first.Head));
        foreach (var input in first.Tail)
        {
            using var before = bound;
            bound = before.Bind(input.Name, Given(input));
        }
        return bound;

        Tensor Given(Input input) => some(trial.Arguments[trial.Module.Graph.Inputs.IndexOf(input)]);
    }

    private static Tensor[] Rest(Trial trial, Many<Input> bound) =>
        [
            .. trial
                .Module.Graph.Inputs.Zip([.. trial.Arguments], (input, argument) => (Input: input, Argument: argument))
                .Filter(t => !bound.Contains(t.Input))
                .Map(t => t.Argument),
        ];

    private static Many<Input> Shuffled(Trial trial, int seed)
    {
        var inputs = trial.Module.Graph.Inputs.ToArray();
        new Random(seed).Shuffle(inputs);
        return [.. inputs];
    }
}
