using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Torch;

namespace Cmsa.Dsl.Testing;

public static partial class Laws
{
    private static readonly Many<int> batches = [1, 3];

    /// <summary>
    /// Every tensor of the result has the shape that was inferred before anything ran, in the axes of its kind,
    /// whatever the batch.
    /// </summary>
    public static Verdict ShapeIsInferred<A, B>(Layer<A, B> layer, InputSpec inputs, int seed = 0) =>
        Trial.Of(
            "the result has the shape that was inferred",
            () =>
            {
                var inferred = Program(layer, inputs).Output;
                return OfKind(inferred, Kind.Of<B>())
                    + batches.Bind(batch =>
                    {
                        var trial = Trial.Of(layer, inputs, seed, batch: batch);
                        var values = trial.Module.RunAll(trial.Arguments).Values;
                        return values
                            .Zip(inferred.Nodes, (value, node) => AsInferred(value.shape, node.Shape, batch))
                            .Bind(s => s);
                    });
            }
        );

    private static Many<string> AsInferred(long[] found, Shape inferred, int batch)
    {
        long[] expected = [batch, .. inferred.Without(Axis.Batch).Dimensions.Map(d => (long)d.Size)];
        return Sentences(
            (
                found.SequenceEqual(expected),
                $"{inferred} was inferred, and [{string.Join(", ", found)}] came for a batch of {batch}"
            )
        );
    }

    private static Many<string> OfKind(Signal signal, Kind kind) =>
        (signal, kind) switch
        {
            (Signal.Tensor(var node, _), Kind.Tensor(_, var axes)) => Sentences(
                (
                    node.Shape.Axes == [Axis.Batch, .. axes],
                    $"{node.Shape} has the axes {node.Shape.Axes}, which are not those of {kind}"
                )
            ),
            (Signal.Pair(var first, var second), Kind.Pair(var left, var right)) => OfKind(first, left)
                + OfKind(second, right),
            (Signal.Levels(var each), Kind.Levels(var of)) => each.Bind(l => OfKind(l.Signal, of)),
            _ => [$"the result is not {kind}"],
        };

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
