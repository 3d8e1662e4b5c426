using Cmsa.Dsl.Elaboration;
using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Display;

/// <summary>A line of a <see cref="LayerTable"/>: a layer and all that is below it.</summary>
/// <param name="Path">The path of the layer; that of the row above for a layer without a name of its own.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Input">Its argument, with every size.</param>
/// <param name="Output">Its result.</param>
/// <param name="Cost">What it costs with all that is below it.</param>
/// <param name="Rows">The rows below it.</param>
public sealed record LayerRow(string Path, Layer Layer, Signal Input, Signal Output, Cost Cost, Many<LayerRow> Rows)
{
    /// <summary>This row and those below it, down to a depth; each with its depth.</summary>
    /// <param name="depth">How many levels of rows below this one.</param>
    public Many<(LayerRow Row, int Depth)> Down(int depth) => Down(depth, 0);

    private Many<(LayerRow, int)> Down(int depth, int at) =>
        [(this, at), .. at < depth ? Rows.Bind(r => r.Down(depth, at + 1)) : []];

    /// <summary>The rows of a model.</summary>
    internal static LayerRow Of(Graph graph, Trace root) => new Reading(LayerCosts.Of(graph, root)).Whole(root);

    /// <summary>From traces to rows.</summary>
    private sealed class Reading(IReadOnlyDictionary<Trace, Cost> costs)
    {
        private readonly Dictionary<Trace, Cost> totals = new(ReferenceEqualityComparer.Instance);

        /// <summary>The row of a layer with all that is below it.</summary>
        public LayerRow Whole(Trace trace) => Row(trace, trace.Parts.Bind(p => Below(p, trace.Path)));

        private LayerRow Row(Trace trace, Many<LayerRow> below) =>
            new(
                trace.Path,
                trace.Layer,
                trace.Input,
                trace.Output,
                Total(trace),
                trace.Layer is IEquation ? Once(below) : below
            );

        // What only arranges layers is not a row: the rows of its parts come in its place.
        private Many<LayerRow> Below(Trace trace, string above) =>
            trace.Layer switch
            {
                INote or ILevels or IStages or IBeside => Parts(trace, above),
                ISum { IsResidual: true } => Residual(trace),
                { Appearance: Appearance.Hidden } when Total(trace) == Cost.None => [],
                ISequence or IFanOut or EachWord when trace.Path == above => Parts(trace, above),
                _ => [Whole(trace)],
            };

        private Many<LayerRow> Parts(Trace trace, string above) => trace.Parts.Bind(p => Below(p, above));

        // A residual around one row is that row.
        private Many<LayerRow> Residual(Trace trace)
        {
            var rows = Parts(trace, trace.Path);
            var whole = Row(trace, rows);
            return rows is [{ Rows.IsEmpty: true } only] ? [whole with { Path = only.Path, Rows = [] }] : [whole];
        }

        private Cost Total(Trace trace)
        {
            if (totals.TryGetValue(trace, out var known))
                return known;
            var own = costs.TryGetValue(trace, out var found) ? found : Cost.None;
            return totals[trace] = trace.Parts.Fold(own, (sum, part) => sum + Total(part));
        }
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
}
