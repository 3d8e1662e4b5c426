using Cmsa.Dsl.Elaboration;
using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Rewriting;
using LanguageExt;

namespace Cmsa.Dsl.Display;

/// <summary>
/// A model as a table: a row a layer, with its path, what it is given and gives, and what it costs together with all
/// below it. Layers that all levels have stand there once for each, under the level's name.
/// </summary>
/// <param name="Model">The row of the whole model, whose costs are the totals.</param>
/// <param name="Trained">How many of the parameters training changes.</param>
/// <param name="Peak">
/// The most memory at a time at inference as written, in bytes; see <see cref="ExecutionPlan.Peak"/>.
/// </param>
/// <param name="Optimized">What it costs as it is run, rewritten.</param>
public sealed record LayerTable(LayerRow Model, long Trained, long Peak, LayerTable.OptimizedCost Optimized)
{
    /// <summary>What a rewritten program costs at inference.</summary>
    /// <param name="MultiplyAdds">
    /// Multiply-adds of one sample, those of weights left out, which are paid for once.
    /// </param>
    /// <param name="Peak">The most memory at a time, in bytes.</param>
    /// <param name="Kept">
    /// The part of it that is kept between runs, beside the weights: what is computed from them once.
    /// </param>
    public sealed record OptimizedCost(long MultiplyAdds, long Peak, long Kept);

    /// <summary>The narrowest table that is written; no path is ever cut.</summary>
    public const int LeastWidth = 120;

    /// <summary>The table of a model at some sizes, or all that does not fit.</summary>
    public static Validation<Error, LayerTable> Of(Layer model, InputSpec inputs) =>
        Elaborator.Trace(model, inputs).Map(t => Of(t.Graph, t.Trace));

    private static LayerTable Of(Graph graph, Trace trace)
    {
        var trained = graph.Parameters.Filter(p => p.Role is not (Role.Statistic or Role.Frozen));
        var optimized = GraphOptimizer.Optimize(graph, OptimizationLevel.All, training: false);
        var plan = ExecutionPlan.Of(optimized);
        return new(
            LayerRow.Of(graph, trace),
            trained.Total(p => p.Of.Count),
            ExecutionPlan.Of(graph).Peak,
            new(optimized.MultiplyAdds - optimized.WorkOnWeights, plan.Peak, plan.Kept)
        );
    }

    /// <summary>The rows below the model's own down to a depth, each with how deep it stands, from 1.</summary>
    public Many<(LayerRow Row, int Depth)> Rows(int depth) => Model.Down(depth).Tail;

    /// <summary>The table as lines of text, the first the headings, the last ones the totals.</summary>
    /// <param name="depth">How deep it goes: 1 is the parts of the model, 2 their parts.</param>
    /// <param name="width">
    /// The most columns of a line, at least <see cref="LeastWidth"/>. Where a line would take more, the text of
    /// layers is shortened, then kinds are left out, then arguments.
    /// </param>
    public Many<string> Lines(int depth, int width)
    {
        var room = Math.Max(LeastWidth, width);
        var written = Style.All.Map(style => Aligned([Style.Headings, .. Body(depth, style)], style));
        var lines = written.Find(w => w.ForAll(line => line.Length <= room)).IfNone(written[^1]);
        var rule = new string('─', lines.Max(l => l.Length));
        return [lines.Head, rule, .. lines.Tail.Take(lines.Count - 2), rule, lines[^1], .. Totals];
    }

    /// <summary>The table as text, two rows deep, 180 letters wide.</summary>
    public override string ToString() => string.Join('\n', Lines(2, 180));

    private Many<string> Totals =>
        [
            $"parameters: {Amounts.Exact(Model.Cost.Parameters)}, of which {Amounts.Exact(Trained)} are trained"
                + $" ({Amounts.Memory(4 * Model.Cost.Parameters)} in float32)",
            $"multiply-adds: {Amounts.Rounded(Model.Cost.MultiplyAdds)} a sample",
            $"memory of values: {Amounts.Memory(Model.Cost.Bytes)} a sample in float32,"
                + $" at most {Amounts.Memory(Peak)} at a time at inference, as written",
            $"optimised: {Amounts.Rounded(Optimized.MultiplyAdds)} multiply-adds a sample,"
                + $" at most {Amounts.Memory(Optimized.Peak)} at a time at inference, "
                + $"{Amounts.Memory(Optimized.Kept)} of it kept between runs",
        ];

    private Many<Many<string>> Body(int depth, Style style)
    {
        var rows = Rows(depth);
        return [.. rows.Zip(Above(rows), Row), Cells(Model, "total", 0, true, style with { Layer = 0 })];

        Many<string> Row((LayerRow Row, int Depth) at, string above)
        {
            var path = at.Row.Path == above ? "" : at.Row.Path;
            var isOpen = at.Depth < depth && !at.Row.Rows.IsEmpty;
            return Cells(at.Row, path, at.Depth - 1, isOpen, style);
        }
    }

    // The path of the row that a row stands below.
    private Many<string> Above(Many<(LayerRow Row, int Depth)> rows) =>
        rows.Select(
                (at, i) => rows.Take(i).Where(r => r.Depth < at.Depth).Select(r => r.Row.Path).LastOrDefault(Model.Path)
            )
            .ToMany();

    private static Many<string> Cells(LayerRow row, string path, int indent, bool open, Style style) =>
        [
            path,
            style.Layer == 0 ? "" : new string(' ', 2 * indent) + Called(row.Layer, open, style.Layer - 2 * indent),
            style.Arguments ? Signal(row.Input, row.Layer.In, style) : "",
            Signal(row.Output, row.Layer.Out, style),
            Nothing(row.Cost.Parameters, Amounts.Exact),
            Nothing(row.Cost.MultiplyAdds, Amounts.Rounded),
            Nothing(row.Cost.Bytes, Amounts.Memory),
        ];

    private static string Called(Layer layer, bool open, int length)
    {
        var bare = Note.Bare(layer);
        return open ? bare.Operator : Brief.Of(bare, length);
    }

    private static string Nothing(long number, Func<long, string> write) => number == 0 ? "-" : write(number);

    private static string Signal(Signal signal, Kind kind, Style style) =>
        Brief.Cut(style.Kinds ? Summary.Of(signal, kind) : Summary.Sizes(signal), style.Signal);

    private static Many<string> Aligned(Many<Many<string>> cells, Style style)
    {
        var columns = Many.Range(Style.Headings.Count).Filter(c => style.Arguments || c != Style.In);
        var widths = Many.Range(Style.Headings.Count).Map(c => cells.Max(row => row[c].Length));
        return cells.Map(row => string.Join("  ", columns.Map(c => Padded(row[c], c, widths[c]))).TrimEnd());

        static string Padded(string cell, int column, int width) =>
            column >= Style.FirstNumber ? cell.PadLeft(width) : cell.PadRight(width);
    }

    /// <summary>How much of a row is written.</summary>
    private sealed record Style(int Layer, int Signal, bool Kinds, bool Arguments)
    {
        public const int In = 2;
        public const int FirstNumber = 4;

        public static Many<string> Headings => ["path", "layer", "in", "out", "parameters", "multiply-adds", "memory"];

        /// <summary>From the most to the least.</summary>
        public static Many<Style> All =>
            [
                .. Enumerable.Range(0, 9).Select(i => new Style(60 - 4 * i, 60, true, true)),
                new(28, 40, false, true),
                new(24, 24, false, true),
                new(40, 44, true, false),
                new(28, 44, true, false),
                new(40, 28, false, false),
                new(32, 28, false, false),
                new(24, 24, false, false),
            ];
    }
}
