using Cmsa.Dsl.Elaboration;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Display;

/// <summary>A line of a <see cref="LayerTable"/>: a layer and all that is below it.</summary>
/// <param name="Path">Where it stands; that of the row above for a layer without a name of its own.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Input">What it is given, with every size.</param>
/// <param name="Output">What it gives.</param>
/// <param name="Cost">What it costs with all that is below it.</param>
/// <param name="Rows">The rows below it.</param>
public sealed record LayerRow(string Path, Layer Layer, Signal Input, Signal Output, Cost Cost, Many<LayerRow> Rows)
{
    /// <summary>This row and those below it, down to a depth; each with how deep it stands.</summary>
    /// <param name="depth">How many levels of rows below this one.</param>
    public Many<(LayerRow Row, int Depth)> Down(int depth) => Down(depth, 0);

    private Many<(LayerRow, int)> Down(int depth, int at) =>
        [(this, at), .. at < depth ? Rows.Bind(r => r.Down(depth, at + 1)) : []];

    /// <summary>The rows of a model.</summary>
    internal static LayerRow Of(Graph graph, Trace root)
    {
        var costs = LayerCosts.Of(graph, root);
        return Whole(root);

        Cost Total(Trace trace) =>
            trace.Parts.Fold(costs.TryGetValue(trace, out var own) ? own : Cost.None, (sum, part) => sum + Total(part));

        LayerRow Whole(Trace trace) =>
            new(
                trace.Path,
                trace.Layer,
                trace.Input,
                trace.Output,
                Total(trace),
                Summary.Name(trace.Layer) == nameof(Equation<,>)
                    ? Once(trace.Parts.Bind(p => Below(p, trace.Path)))
                    : trace.Parts.Bind(p => Below(p, trace.Path))
            );

        // What only arranges layers is not a row: its parts stand in its place.
        Many<LayerRow> Below(Trace trace, string above) =>
            trace.Layer switch
            {
                var layer when Summary.IsNote(layer) => trace.Parts.Bind(p => Below(p, above)),
                var layer
                    when Summary.IsResidual(layer)
                        && trace.Parts.Bind(p => Below(p, above)) is [{ Rows.IsEmpty: true } only] =>
                [
                    only with
                    {
                        Layer = layer,
                        Input = trace.Input,
                        Output = trace.Output,
                        Cost = Total(trace),
                    },
                ],
                var layer when Plumbing(layer) && Total(trace) == Cost.None => [],
                var layer when trace.Path == above && Arranges(layer) => trace.Parts.Bind(p => Below(p, above)),
                var layer when Summary.Name(layer) is nameof(EachLevel<,>) or nameof(Taps) or nameof(Beside<,,,>) =>
                    trace.Parts.Bind(p => Below(p, above)),
                _ => [Whole(trace)],
            };
    }

    // An equation may apply one layer several times.
    private static Many<LayerRow> Once(Many<LayerRow> rows) =>
        [.. rows.GroupBy(r => (r.Path, r.Layer)).Select(g => g.Aggregate(Both))];

    private static LayerRow Both(LayerRow a, LayerRow b) =>
        a with
        {
            Cost = a.Cost + b.Cost,
            Rows = a.Rows.Zip(b.Rows, Both),
        };

    private static bool Arranges(Layer layer) =>
        Summary.Name(layer) is nameof(Sequence<,>) or nameof(FanOut<,,>) or nameof(EachWord);

    private static bool Plumbing(Layer layer) =>
        Summary.Name(layer)
            is nameof(Identity<>)
                or nameof(Probe<>)
                or nameof(Distribute<,>)
                or nameof(First<,>)
                or nameof(Second<,>)
                or nameof(PixelMap);
}
