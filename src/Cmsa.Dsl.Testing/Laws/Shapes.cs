using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    private static readonly Many<int> batches = [1, 3];

    /// <summary>
    /// The result has the shape that was inferred before anything ran, in the axes of its kind, whatever the batch.
    /// </summary>
    public static Verdict ShapeIsInferred<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "the result has the shape that was inferred",
            () =>
            {
                var (inferred, kind) = (Program(layer, inputs).Output.Nodes.Head.Shape, Kind.Of<B>());
                var runs = batches.Map(batch =>
                    (
                        Batch: batch,
                        Result: Trial.Of(layer, inputs, seed, batch: batch) is var trial
                            ? trial.Module.Run(trial.Arguments)
                            : null!
                    )
                );
                return Sentences([
                    (
                        kind is not Kind.Tensor(_, var axes) || inferred.Axes == [Axis.Batch, .. axes],
                        $"{inferred} has the axes {inferred.Axes}, which are not those of {kind}"
                    ),
                    .. runs.Select(run =>
                        (
                            run.Result.shape.SequenceEqual([
                                run.Batch,
                                .. inferred.Without(Axis.Batch).Dimensions.Map(d => (long)d.Size),
                            ]),
                            $"{inferred} was inferred, and [{string.Join(", ", run.Result.shape)}] came for a batch of {run.Batch}"
                        )
                    ),
                ]);
            }
        );

    /// <summary>
    /// The parameters counted from the program are the module's: as many, of the same names and shapes, whatever the
    /// optimiser does.
    /// </summary>
    public static Verdict ParametersAreCounted<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "the module has the parameters that were counted",
            () =>
            {
                var graph = Program(layer, inputs);
                return leastAndMost.Bind(effort =>
                {
                    var module = Trial.Of(layer, inputs, seed, effort, training: true).Module;
                    var owned = module
                        .named_parameters()
                        .Select(p => (p.name, p.parameter.shape))
                        .Concat(module.named_buffers().Select(b => (b.name, b.buffer.shape)))
                        .ToDictionary();
                    var counted = module.named_parameters().Sum(p => p.parameter.numel());
                    return Sentences([
                        (
                            counted == graph.ParameterCount,
                            $"{graph.ParameterCount} were counted and the module has {counted} ({effort})"
                        ),
                        (
                            owned.Count == graph.Parameters.Count,
                            $"{graph.Parameters.Count} tensors were counted and the module has {owned.Count} ({effort})"
                        ),
                        .. graph.Parameters.Map(p =>
                            (
                                owned.TryGetValue(p.Path, out var shape)
                                    && shape.SequenceEqual(p.Of.Dimensions.Map(d => (long)d.Size)),
                                $"{p.Path} {p.Of} is not in the module ({effort})"
                            )
                        ),
                    ]);
                });
            }
        );
}
