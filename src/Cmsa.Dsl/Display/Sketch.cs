using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Display;

/// <summary>
/// From the traces of a model to boxes and arrows. Arrows follow the values, from the layer that made one to those
/// that take it, so that what only arranges signals needs no box. Levels are rows; words and what else is beside them
/// are rows below.
/// </summary>
internal sealed class Sketch
{
    private readonly List<Block> blocks = [];
    private readonly List<Arrow> arrows = [];
    private readonly List<(string, Expression)> formulas = [];
    private readonly Dictionary<Node, int> makers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Trace, Stretch> stretches = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<int> inputs = [];
    private readonly double pitch;
    private string level = "";

    private Sketch(Trace model) =>
        pitch = model.All.Filter(t => t.Layer is ILevels).Bind(t => t.Parts).Map(Height).Append(1).Max();

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
                var row = (inputs.Count - 1) * pitch;
                blocks.Add(new(title, [], Form.Pill, Section.Plain, "", Repeats: 1, Column: 0, row, Span: 0));
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
            (Signal.Tensor(var node, _), Kind.Tensor tensor) => [(node, name.Length > 0 ? name : Title(tensor))],
            (Signal.Pair(var a, var b), Kind.Pair(var first, var second)) => Titled(a, first, name)
                + Titled(b, second, name.Length > 0 ? $"{name}, {Caption.Spaced($"{second}")}" : ""),
            (Signal.Levels(var levels), Kind.Levels(var each)) => levels.Bind(l => Titled(l.Signal, each, l.Name)),
            _ => [],
        };

    private static string Title(Kind.Tensor kind) => kind == Kind.Of<Tokens>() ? "words" : Caption.Spaced(kind.Name);

    // An argument is in the row of the box that takes it alone.
    private void Settle()
    {
        foreach (var input in inputs)
        {
            var to = arrows.Where(a => a.From == input).Select(a => a.To).FirstOrDefault(-1);
            if (to >= 0 && arrows.Count(a => a.To == to) == 1)
                blocks[input] = blocks[input] with { Row = blocks[to].Row };
        }
    }

    // ---- layers

    private void Draw(Trace trace, double? row)
    {
        if (IsLine(trace) || ChangesNothing(trace))
        {
            Pass(trace);
            return;
        }
        switch (trace.Layer)
        {
            case INote or EachWord:
                Draw(trace.Parts[0], row);
                break;
            case ISequence:
                Steps(trace.Parts, row);
                break;
            case ISum:
                Sum(trace, row);
                break;
            case IBeside or IFanOut:
                Stack(trace.Parts, row ?? RowOf(trace));
                break;
            case ILevels:
                Levels(trace, row);
                break;
            case IStages stages:
                Stages(trace, stages, row);
                break;
            default:
                Leaf(trace, row);
                break;
        }
    }

    private void Steps(Many<Trace> steps, double? row)
    {
        // The box that an activation, a norm or a pooling joins.
        var open = -1;
        for (var i = 0; i < steps.Count; i++)
        {
            var step = Bare(steps[i]);
            if (IsLine(step))
            {
                Pass(step);
                continue;
            }
            if (open >= 0 && IsRemark(step))
            {
                blocks[open] = blocks[open] with { Notes = blocks[open].Notes.Add(step.Layer.Caption.Title) };
                Makes(step, open);
                continue;
            }
            var rest = steps.Slice(i, steps.Count - i);
            var alike = IsBlock(step) ? rest.TakeWhile(r => IsBlock(r) && Kernels(r) == Kernels(step)).Count() : 0;
            var equal = rest.TakeWhile(r => Bare(r).Layer.Equals(step.Layer)).Count();
            if (alike > 1)
            {
                open = Blocks(rest.Take(alike), row, "");
                i += alike - 1;
            }
            else if (equal > 1)
            {
                open = Repeated(step, Bare(steps[i + equal - 1]), equal, row);
                i += equal - 1;
            }
            else
            {
                Draw(steps[i], row);
                open = step.Parts.IsEmpty ? blocks.Count - 1 : -1;
            }
            row = null;
        }
    }

    // Equal layers in a row are one box.
    private int Repeated(Trace first, Trace last, int count, double? row)
    {
        var caption = first.Layer.Caption;
        var title = first.Parts.IsEmpty ? caption.Title : Brief.Of(first.Layer, 28);
        var block = Add(
            title,
            caption.Notes,
            Form.Box,
            SectionOf(first),
            first.Input.Nodes,
            row ?? RowOf(first),
            0,
            count
        );
        Makes(last, block);
        return block;
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
            if (IsLine(Bare(part)))
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
        var areFed = trace.Parts.ForAll(p => !inputs.Contains(makers.GetValueOrDefault(p.Input.Nodes.Head, -1)));
        var apart = rows.Distinct().Count == rows.Count && areFed;
        foreach (var (part, i) in trace.Parts.Select((p, i) => (p, i)))
        {
            var outside = level;
            level = names[i];
            Draw(part, apart ? rows[i] : top + i * pitch);
            level = outside;
        }
    }

    private void Stages(Trace trace, IStages stages, double? row)
    {
        var at = row ?? RowOf(trace);
        var tapped = stages.Names.Count(s => s.Tap.Length > 0);
        var below = false;
        foreach (var (part, stage) in trace.Parts.Zip(stages.Names))
        {
            var name = tapped > 1 && stage.Tap.Length > 0 ? stage.Tap : stage.Label;
            if (below)
                at += pitch;
            var body = Bare(part);
            var isOfBlocks = body.Layer is ISequence && body.Parts.ForAll(p => !Bare(p).Parts.IsEmpty);
            if (IsConvolutional(part))
                Blocks(isOfBlocks ? body.Parts : [part], at, name, below);
            else
                Draw(part, at);
            // From the first level on the stages are one below the other, each in the row of its level.
            below |= tapped > 1 && stage.Tap.Length > 0;
        }
    }

    private int Blocks(Many<Trace> parts, double? row, string name, bool below = false)
    {
        var (first, last) = (parts.Head, parts[^1]);
        Many<string> notes = parts.Map(Kernels).Distinct() is [{ Length: > 0 } same] ? [same] : [];
        if (parts.Count > 1)
            notes = notes.Add($"×{parts.Count}");
        var section = SectionOf(Bare(first));
        var title = name.Length > 0 ? name : "block";
        if (section == Section.Plain)
            section = Section.Backbone;
        var block = Add(
            title,
            notes,
            Form.Box,
            section,
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
        var caption = trace.Layer.Caption;
        var name = Mathematics.Last(trace.Path);
        var title = trace.Layer is IEquation && name.Length > 0 ? name : caption.Title;
        var rows = trace.Input.Nodes.Map(RowOf);
        var tall = trace.Layer.In is Kind.Levels && rows.Count > 1;
        var (at, span) = tall ? ((rows.Min() + rows.Max()) / 2, rows.Max() - rows.Min()) : (row ?? RowOf(trace), 0);
        var block = Add(title, caption.Notes, Form.Box, SectionOf(trace), trace.Input.Nodes, at, span);
        if (trace.Layer is IEquation equation)
            formulas.Add((title, equation.Body));
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
            arrows.Add(new(block, blocks.Count - 1, Above(shape), Below(shape)));
        return blocks.Count - 1;
    }

    // The rows and columns of a map are written below the line, all other sizes above it.
    private static string Above(Shape shape) =>
        Summary.Sizes(IsMap(shape) ? shape.Without(Axis.Row, Axis.Column) : shape);

    private static string Below(Shape shape) =>
        Summary.Sizes(IsMap(shape) ? shape.Only(Axis.Row, Axis.Column) : Shape.Scalar);

    private static bool IsMap(Shape shape) => shape.Has(Axis.Row) && shape.Has(Axis.Channel);

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

    private static Trace Bare(Trace trace) => trace.Layer is INote ? Bare(trace.Parts[0]) : trace;

    private static bool IsLine(Trace trace)
    {
        var bare = Bare(trace);
        return bare.Layer.Appearance is Appearance.Wire or Appearance.Hidden
            || (bare.Layer is IBeside && bare.Parts.ForAll(IsLine));
    }

    // Such as a map resized to the size that it has.
    private static bool ChangesNothing(Trace trace) =>
        trace.Output.Nodes.ForAll(v => trace.Input.Nodes.Exists(given => ReferenceEquals(v, given)));

    private static bool IsRemark(Trace trace) => trace.Parts.IsEmpty && trace.Layer.Appearance == Appearance.Remark;

    private static bool IsInBlock(Trace trace) => trace.Parts.IsEmpty && trace.Layer.Caption.InBlock.Length > 0;

    // Whether a layer is made of convolutions and of what is said in remarks.
    private bool IsConvolutional(Trace trace) => Made(trace) == Stretch.Convolutional;

    private Stretch Made(Trace trace)
    {
        if (stretches.TryGetValue(trace, out var known))
            return known;
        return stretches[trace] =
            trace.Layer is IStages ? Stretch.Other
            : !trace.Parts.IsEmpty ? trace.Parts.Map(Made).Max()
            : IsInBlock(trace) ? Stretch.Convolutional
            : IsRemark(trace) || IsLine(trace) ? Stretch.Remarks
            : Stretch.Other;
    }

    // What a stretch of layers is made of; of several stretches, the greatest.
    private enum Stretch
    {
        Remarks,
        Convolutional,
        Other,
    }

    private bool IsBlock(Trace trace) =>
        !Bare(trace).Parts.IsEmpty && trace.Layer.In == trace.Layer.Out && IsConvolutional(trace);

    // The kernels of a block, in order; of the branches of a sum, those of the first.
    private static string Kernels(Trace block)
    {
        var sum = block.All.Find(t => t.Layer is ISum);
        var branch = sum.Bind(s => s.Parts.Find(p => !IsLine(p))).IfNone(block);
        return string.Join(", ", branch.All.Filter(IsInBlock).Take(4).Map(t => t.Layer.Caption.InBlock));
    }

    /// <summary>How many rows a layer takes.</summary>
    private double Height(Trace trace)
    {
        var bare = Bare(trace);
        if (IsLine(bare))
            return 0;
        return bare.Layer switch
        {
            IStages stages => Math.Max(1, Height(stages)),
            ILevels => bare.Parts.Count * Math.Max(1, pitch),
            IBeside or IFanOut or ISum => Math.Max(1, bare.Parts.Sum(Height)),
            IEquation => 1,
            _ when bare.Parts.IsEmpty || IsBlock(bare) => 1,
            _ => bare.Parts.Map(Height).Max(),
        };
    }

    private double Height(IStages stages)
    {
        var tapped = stages.Names.Count(s => s.Tap.Length > 0);
        return tapped > 1 ? stages.Names.SkipWhile(s => s.Tap.Length == 0).Count() * Math.Max(1, pitch) : 1;
    }

    private Section SectionOf(Trace trace)
    {
        if (trace.Layer.Section != Section.Plain)
            return trace.Layer.Section;
        var before = trace
            .Input.Nodes.Map(v => makers.GetValueOrDefault(v, -1))
            .Filter(b => b >= 0)
            .Map(b => blocks[b].Section);
        var coloured = before.Filter(b => b != Section.Plain);
        return coloured.IsEmpty ? Section.Backbone
            : coloured.Contains(Section.Fusion) ? Section.Output
            : coloured.Head;
    }
}
