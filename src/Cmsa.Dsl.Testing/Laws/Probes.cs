using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    /// <summary>What a probe shows is strictly between 0 and 1, as a gate's values are.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">The sizes of its argument.</param>
    /// <param name="probe">The probe's name, or the end of the names of several.</param>
    /// <param name="seed">From which weights and arguments are drawn.</param>
    public static Verdict GatesStayInside<A, B>(Layer<A, B> layer, InputSpec inputs, string probe, int seed = 0) =>
        Trial.Of(
            $"{probe} stays inside (0, 1)",
            () =>
                Shown(
                    layer,
                    inputs,
                    probe,
                    seed,
                    (name, _, shown, _) =>
                        Sentences(
                            (
                                shown.gt(Scalars.Of(0L)).all().item<bool>(),
                                $"{name} is {shown.min().item<double>()} somewhere"
                            ),
                            (
                                shown.lt(Scalars.Of(1L)).all().item<bool>(),
                                $"{name} is {shown.max().item<double>()} somewhere"
                            )
                        )
                )
        );

    /// <summary>
    /// Every attention is a distribution: its weights are at least 0, sum to 1 over what is attended to, and are 0 at
    /// padding.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">The sizes of its argument.</param>
    /// <param name="seed">From which weights and arguments are drawn.</param>
    /// <param name="probe">The end of the names of the probes that show attention.</param>
    public static Verdict AttentionRowsSumToOne<A, B>(
        Layer<A, B> layer,
        InputSpec inputs,
        int seed = 0,
        string probe = "weights"
    ) =>
        Trial.Of(
            "attention is a distribution over what is attended to",
            () =>
                Shown(
                    layer,
                    inputs,
                    probe,
                    seed,
                    (name, node, shown, trial) =>
                    {
                        var shape = node.Shape;
                        var far = shape.Axes.Filter(a => a.IsPrimed);
                        var rows = shown.sum([.. far.Map(a => (long)shape.Axes.IndexOf(a))], keepdim: true);
                        // What a padding word attends to means nothing.
                        var asked =
                            shape.Has(Axis.Word)
                            && trial.Words(trial.Arguments) is { } words
                            && words.shape[1] == shape[Axis.Word]
                                ? rows.masked_fill(Trial.Along(words, shape, Axis.Word).logical_not(), Scalars.Of(1L))
                                : rows;
                        var wrong = (asked - 1).abs().max().item<double>();
                        var onPadding =
                            far.Contains(Axis.Word.Prime)
                            && trial.Words(trial.Arguments) is { } there
                            && there.shape[1] == shape[Axis.Word.Prime]
                                ? shown
                                    .masked_fill(Trial.Along(there, shape, Axis.Word.Prime), Scalars.Of(0L))
                                    .abs()
                                    .max()
                                    .item<double>()
                                : 0;
                        return Sentences(
                            (wrong < 1e-9, $"a row of {name} misses 1 by {wrong:g3}"),
                            (shown.ge(Scalars.Of(0L)).all().item<bool>(), $"{name} is negative somewhere"),
                            (onPadding == 0, $"{name} gives {onPadding:g3} to a padding word")
                        );
                    }
                )
        );

    /// <summary>The probes whose names end so, looked at in the program as written and in the optimised one.</summary>
    private static Many<string> Shown(
        Layer layer,
        InputSpec inputs,
        string probe,
        int seed,
        Func<string, Node, Tensor, Trial, Many<string>> look
    )
    {
        var graph = Program(layer, inputs);
        var names = graph.Probes.Filter(name =>
            name == probe
            || name.EndsWith($".{probe}", StringComparison.Ordinal)
            || name.StartsWith($"{probe}.", StringComparison.Ordinal)
        );
        return names.IsEmpty
            ? [$"the layer has no probe {probe}; it has {string.Join(", ", graph.Probes)}"]
            : leastAndMost.Bind(effort =>
            {
                var trial = Trial.Of(layer, inputs, seed, effort, probes: names);
                var outcome = trial.Module.RunShowing(trial.Arguments);
                return names.Bind(name =>
                    graph
                        .Probe(name)
                        .ToMany()
                        .Bind(node => look($"{name} ({effort})", node, outcome.Probes[name], trial))
                );
            });
    }
}
