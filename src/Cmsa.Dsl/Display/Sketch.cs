using Cmsa.Dsl.Graphs;
using Cmsa.Dsl.Layers;

namespace Cmsa.Dsl.Display;

/// <summary>
/// From the traces of a model to boxes and arrows. Arrows follow the values: who made a value gives it to who takes it,
/// so that what only arranges signals needs no box. Levels are rows; words and what else stands beside them are rows
/// below.
/// </summary>
internal sealed class Sketch
{
    private readonly List<Block> blocks = [];
    private readonly List<Arrow> arrows = [];
    private readonly List<(string, Expression)> formulas = [];
    private readonly Dictionary<Node, int> makers = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<int> inputs = [];
    private readonly double pitch;
    private string level = "";

    private Sketch(Trace model) =>
        pitch = model.All.Filter(t => Is(t, nameof(EachLevel<,>))).Bind(t => t.Parts).Map(Height).Append(1).Max();

    /// <summary>The picture of a model.</summary>
    public static Diagram Of(Trace model)
    {
        var sketch = new Sketch(model);
        sketch.Arguments(model.Input, model.Layer.In, "");
        sketch.Draw(model, null);
        sketch.Settle();
        sketch.Results(model.Output, model.Layer.Out, "");
        return new(sketch.blocks.ToMany(), sketch.arrows.Distinct().ToMany(), sketch.formulas.Distinct().ToMany());
    }

    // ---- what goes in and comes out

    private void Arguments(Signal signal, Kind kind, string name)
    {
        foreach (var (node, title) in Titled(signal, kind, name))
            if (!makers.ContainsKey(node))
            {
                inputs.Add(blocks.Count);
                makers[node] = blocks.Count;
                blocks.Add(
                    new(
                        title,
                        [],
                        Form.Pill,
                        Section.Plain,
                        "",
                        1,
                        0,
                        inputs.Count == 1 ? 0 : (inputs.Count - 1) * pitch,
                        0
                    )
                );
            }
    }

    private void Results(Signal signal, Kind kind, string name)
    {
        foreach (var (node, title) in Titled(signal, kind, name))
            Add(title, [], Form.Pill, Section.Plain, [node], RowOf(node), 0);
    }

    private static Many<(Node, string)> Titled(Signal signal, Kind kind, string name) =>
        (signal, kind) switch
        {
            (Signal.Tensor(var node, _), Kind.Tensor(var tensor, _)) =>
            [
                (
                    node,
                    name.Length > 0 ? name
                    : tensor == nameof(Tokens) ? "words"
                    : Caption.Spaced(tensor)
                ),
            ],
            (Signal.Pair(var a, var b), Kind.Pair(var first, var second)) => Titled(a, first, name)
                + Titled(b, second, name.Length > 0 ? $"{name}, {Caption.Spaced($"{second}")}" : ""),
            (Signal.Levels(var levels), Kind.Levels(var each)) => levels.Bind(l => Titled(l.Signal, each, l.Name)),
            _ => [],
        };

    // An argument stands beside who takes it alone.
    private void Settle()
    {
        foreach (var input in inputs)
            if (
                arrows.Where(a => a.From == input).Select(a => a.To).FirstOrDefault(-1) is var to and >= 0
                && arrows.Count(a => a.To == to) == 1
            )
                blocks[input] = blocks[input] with { Row = blocks[to].Row };
    }

    // ---- layers

    private void Draw(Trace trace, double? row)
    {
        if (Plain(trace) || Nothing(trace))
            Pass(trace);
        else if (Summary.IsNote(trace.Layer) || Is(trace, nameof(EachWord)))
            Draw(trace.Parts[0], row);
        else if (Is(trace, nameof(Sequence<,>)))
            Steps(trace.Parts, row);
        else if (Is(trace, nameof(Sum<,>)))
            Sum(trace, row);
        else if (Is(trace, nameof(Beside<,,,>)) || Is(trace, nameof(FanOut<,,>)))
            Stack(trace.Parts, row ?? RowOf(trace));
        else if (Is(trace, nameof(EachLevel<,>)))
            Levels(trace, row);
        else if (trace.Layer is Taps taps)
            Stages(trace, taps, row);
        else
            Leaf(trace, row);
    }

    private void Steps(Many<Trace> steps, double? row)
    {
        // The box that an activation, a norm or a pooling joins.
        var open = -1;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = Bare(steps[i]);
            var rest = steps.Slice(i, steps.Count - i);
            if (Plain(step))
                Pass(step);
            else if (open >= 0 && Joins(step))
            {
                blocks[open] = blocks[open] with
                {
                    Notes = blocks[open].Notes.Add(Caption.Of(step.Layer, step.Path).Title),
                };
                Makes(step, open);
            }
            else if (rest.TakeWhile(r => IsBlock(r) && Kernels(r) == Kernels(step)).Count() is var blocksInRow and > 1)
            {
                open = Blocks(rest.Take(blocksInRow), row, "");
                i += blocksInRow - 1;
                row = null;
            }
            else if (rest.TakeWhile(r => Bare(r).Layer.Equals(step.Layer)).Count() is var equal and > 1)
            {
                var (title, notes) = Caption.Of(step.Layer, steps[i].Path);
                open = Add(
                    step.Parts.IsEmpty ? title : Summary.Text(step.Layer, 28),
                    notes,
                    Form.Box,
                    SectionOf(step),
                    step.Input.Nodes,
                    row ?? RowOf(step),
                    0,
                    equal
                );
                Makes(Bare(steps[i + equal - 1]), open);
                i += equal - 1;
                row = null;
            }
            else
            {
                var leaf = step.Parts.IsEmpty;
                Draw(steps[i], row);
                open = leaf ? blocks.Count - 1 : -1;
                row = null;
            }
        }
    }

    private void Sum(Trace trace, double? row)
    {
        var at = row ?? RowOf(trace);
        Stack(trace.Parts, at);
        var sum = Add("+", [], Form.Sum, Section.Plain, trace.Parts.Bind(p => p.Output.Nodes), at, 0);
        Makes(trace, sum);
    }

    private void Stack(Many<Trace> parts, double row)
    {
        foreach (var part in parts)
            if (Plain(Bare(part)))
                Pass(Bare(part));
            else
            {
                Draw(part, row);
                row += Height(part);
            }
    }

    private void Levels(Trace trace, double? row)
    {
        var names = trace.Input.Named.Map(l => l.Name);
        var rows = trace.Parts.Map(p => RowOf(p.Input.Nodes.Head));
        var top = row ?? rows.Min();
        var apart =
            rows.Distinct().Count == rows.Count
            && trace.Parts.ForAll(p => !inputs.Contains(makers.GetValueOrDefault(p.Input.Nodes.Head, -1)));
        foreach (var (part, i) in trace.Parts.Select((p, i) => (p, i)))
        {
            var outside = level;
            level = names[i];
            Draw(part, apart ? rows[i] : top + i * pitch);
            level = outside;
        }
    }

    private void Stages(Trace trace, Taps taps, double? row)
    {
        var at = row ?? RowOf(trace);
        var tapped = taps.Stages.Count(s => s.Tap.Length > 0);
        var below = false;
        foreach (var (part, stage) in trace.Parts.Zip(taps.Stages))
        {
            var name = tapped > 1 && stage.Tap.Length > 0 ? stage.Tap : stage.Label;
            if (below)
                at += pitch;
            var steps =
                Is(Bare(part), nameof(Sequence<,>)) && Bare(part).Parts.ForAll(p => !Bare(p).Parts.IsEmpty)
                    ? Bare(part).Parts
                    : [part];
            if (Convolves(part))
                Blocks(steps, at, name, below);
            else
                Draw(part, at);
            // From the first level on the stages stand one below the other, each in the row of its level.
            below |= tapped > 1 && stage.Tap.Length > 0;
        }
    }

    private int Blocks(Many<Trace> parts, double? row, string name, bool below = false)
    {
        var (first, last) = (parts.Head, parts[^1]);
        var kernels = parts.Map(Kernels).Distinct() is [var same] ? same : "";
        Many<string> notes =
        [
            .. kernels.Length > 0 ? new[] { kernels } : [],
            .. parts.Count > 1 ? new[] { $"×{parts.Count}" } : [],
        ];
        var section = SectionOf(Bare(first));
        var block = Add(
            name.Length > 0 ? name : "block",
            notes,
            Form.Box,
            section == Section.Plain ? Section.Backbone : section,
            first.Input.Nodes,
            row ?? RowOf(first),
            0,
            Math.Min(2, parts.Count),
            below
        );
        Makes(last, block);
        return block;
    }

    private void Leaf(Trace trace, double? row)
    {
        var (title, notes) = Caption.Of(trace.Layer, trace.Path);
        var rows = trace.Input.Nodes.Map(RowOf);
        var tall = trace.Layer.In is Kind.Levels && rows.Count > 1;
        var block = Add(
            title,
            notes,
            Form.Box,
            SectionOf(trace),
            trace.Input.Nodes,
            tall ? (rows.Min() + rows.Max()) / 2 : row ?? RowOf(trace),
            tall ? rows.Max() - rows.Min() : 0
        );
        if (Is(trace, nameof(Equation<,>)))
            formulas.Add((title, (Expression)Schema.Of(trace.Layer.GetType()).Fields[0].Of(trace.Layer)!));
        Makes(trace, block);
    }

    // ---- boxes and arrows

    private int Add(
        string title,
        Many<string> notes,
        Form form,
        Section section,
        Many<Node> takes,
        double row,
        double span,
        int repeats = 1,
        bool below = false
    )
    {
        var from = takes.Map(v => (Block: makers.GetValueOrDefault(v, -1), v.Shape)).Filter(f => f.Block >= 0);
        var column = from.Map(f => blocks[f.Block].Column + (below ? 0 : 1)).Append(below ? 0 : 1).Max();
        blocks.Add(new(title, notes, form, section, level, repeats, column, row, span));
        foreach (var (block, shape) in from)
            arrows.Add(new(block, blocks.Count - 1, Sizes(shape, true), Sizes(shape, false)));
        return blocks.Count - 1;
    }

    // The sizes of a map stand below the line, all others above it.
    private static string Sizes(Shape shape, bool above) =>
        Summary.Sizes(
            shape.Has(Axis.Row) && shape.Has(Axis.Channel)
                ? above
                    ? shape.Without(Axis.Row, Axis.Column)
                    : shape.Only(Axis.Row, Axis.Column)
                : above
                    ? shape
                    : Shape.Scalar
        );

    private void Makes(Trace trace, int block)
    {
        foreach (var node in trace.Output.Nodes)
            if (!trace.Input.Nodes.Exists(v => ReferenceEquals(v, node)))
                makers[node] = block;
    }

    private void Pass(Trace trace)
    {
        foreach (var (given, got) in trace.Input.Nodes.Zip(trace.Output.Nodes))
            if (!makers.ContainsKey(got) && makers.TryGetValue(given, out var maker))
                makers[got] = maker;
    }

    private double RowOf(Node node) => makers.TryGetValue(node, out var maker) ? blocks[maker].Row : 0;

    private double RowOf(Trace trace) => trace.Input.Nodes is { IsEmpty: false } nodes ? RowOf(nodes.Head) : 0;

    // ---- what a layer is

    private static bool Is(Trace trace, string name) => Summary.Name(trace.Layer) == name;

    private static Trace Bare(Trace trace) => Summary.IsNote(trace.Layer) ? Bare(trace.Parts[0]) : trace;

    private static bool Plain(Trace trace) =>
        Bare(trace) is var bare
        && (
            Summary.Name(bare.Layer)
                is nameof(Identity<>)
                    or nameof(Probe<>)
                    or nameof(Distribute<,>)
                    or nameof(First<,>)
                    or nameof(Second<,>)
                    or nameof(Pick<>)
                    or nameof(PixelMap)
            || (Is(bare, nameof(Beside<,,,>)) && bare.Parts.ForAll(Plain))
        );

    // Such as a map resized to the size that it has.
    private static bool Nothing(Trace trace) =>
        trace.Output.Nodes.ForAll(v => trace.Input.Nodes.Exists(given => ReferenceEquals(v, given)));

    private static bool Joins(Trace trace) =>
        trace.Parts.IsEmpty
        && (
            trace.Layer is BatchNorm or Pool
            || Summary.Name(trace.Layer) is nameof(Elementwise<>) or nameof(Dropout<>) or nameof(Gain<>)
        );

    private static bool Convolves(Trace trace) =>
        trace.All.Filter(t => t.Parts.IsEmpty) is var leaves
        && leaves.ForAll(l => l.Layer is Conv || Joins(l) || Plain(l))
        && leaves.Exists(l => l.Layer is Conv)
        && !trace.All.Exists(t => t.Layer is Taps);

    private static bool IsBlock(Trace trace) =>
        !Bare(trace).Parts.IsEmpty && trace.Layer.In == trace.Layer.Out && Convolves(trace);

    private static string Kernels(Trace block) =>
        string.Join(
            ", ",
            (
                block.All.Filter(t => Is(t, nameof(Sum<,>))) is [var sum, ..]
                    ? sum.Parts.Find(p => !Plain(p)).IfNone(block)
                    : block
            )
                .All.Choose(t =>
                    t.Layer is Conv c ? LanguageExt.Option<string>.Some($"{c.Kernel}×{c.Kernel}") : default
                )
                .Take(4)
        );

    /// <summary>How many rows a layer takes.</summary>
    private double Height(Trace trace) =>
        Bare(trace) switch
        {
            var bare when Plain(bare) => 0,
            { Layer: Taps taps } => Math.Max(
                1,
                taps.Stages.SkipWhile(s => s.Tap.Length == 0).Count() is var below
                && taps.Stages.Count(s => s.Tap.Length > 0) > 1
                    ? below * Math.Max(1, pitch)
                    : 1
            ),
            var bare when Is(bare, nameof(EachLevel<,>)) => bare.Parts.Count * Math.Max(1, pitch),
            var bare when Is(bare, nameof(Beside<,,,>)) || Is(bare, nameof(FanOut<,,>)) || Is(bare, nameof(Sum<,>)) =>
                Math.Max(1, bare.Parts.Sum(Height)),
            var bare when bare.Parts.IsEmpty || Is(bare, nameof(Equation<,>)) || IsBlock(bare) => 1,
            var bare => bare.Parts.Map(Height).Max(),
        };

    private Section SectionOf(Trace trace)
    {
        var (given, got) = (Tensors(trace.Layer.In), Tensors(trace.Layer.Out));
        var before = trace
            .Input.Nodes.Map(v => makers.GetValueOrDefault(v, -1))
            .Filter(b => b >= 0)
            .Map(b => blocks[b].Section);
        return given.ForAll(IsWords) && !given.IsEmpty ? Section.Words
            : trace.Layer is SelfAttention or PooledAttention
            || given.Contains(nameof(WordMaps))
            || got.Contains(nameof(WordMaps))
                ? Section.Attention
            : trace.Layer.In is Kind.Levels || given.Count > 1 ? Section.Fusion
            : got.Contains(nameof(Mask)) || got.Contains(nameof(Vector)) ? Section.Output
            : before.Filter(b => b != Section.Plain) is not { IsEmpty: false } coloured ? Section.Backbone
            : coloured.Contains(Section.Fusion) ? Section.Output
            : coloured.Head;
    }

    private static bool IsWords(string kind) => kind is nameof(Tokens) or nameof(Words) or nameof(Sentence);

    private static Many<string> Tensors(Kind kind) =>
        kind switch
        {
            Kind.Pair(var first, var second) => Tensors(first) + Tensors(second),
            Kind.Levels(var each) => Tensors(each),
            Kind.Tensor(var name, _) => [name],
            _ => [],
        };
}
