using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Display;

/// <summary>Layers and signals in a few words, where there is no room for all of them.</summary>
internal static class Summary
{
    /// <summary>The name of a record of the language, without its kinds: Sequence, Conv.</summary>
    public static string Name(Layer layer) => layer.GetType().Name.Split('`')[0];

    /// <summary>Whether a layer is <c>Identity + f</c>.</summary>
    public static bool IsResidual(Layer layer) =>
        Name(layer) == nameof(Sum<,>) && layer.Parts is [var first, _] && Name(first) == nameof(Identity<>);

    /// <summary>
    /// What a layer says about another without computing anything: its name, that it is shared, that it is fixed.
    /// </summary>
    public static bool IsNote(Layer layer) => Name(layer) is nameof(Named<,>) or nameof(Shared<,>) or nameof(Frozen<,>);

    /// <summary>The layer below all notes.</summary>
    public static Layer Bare(Layer layer) => IsNote(layer) ? Bare(layer.Parts[0]) : layer;

    /// <summary>The operator of a layer whose parts are shown elsewhere: Residual, Sequence.</summary>
    public static string Operator(Layer layer) => Bare(layer) is var bare && IsResidual(bare) ? "Residual" : Name(bare);

    /// <summary>
    /// The layer as text if it has at most so many letters; otherwise the operators that it is made of.
    /// </summary>
    public static string Text(Layer layer, int length = int.MaxValue) =>
        $"{layer}" is var text && text.Length <= length ? text : Brief(layer, length);

    /// <summary>
    /// What a layer says about the one below all notes, as it is written after it: <c>.Named("fuse").Frozen()</c>.
    /// </summary>
    public static string Notes(Layer layer) =>
        IsNote(layer)
            ? Notes(layer.Parts[0]) + $"{layer}"[$"{layer}".LastIndexOf($".{Name(layer)}(", StringComparison.Ordinal)..]
            : "";

    /// <summary>The layer as text with its notes; the notes are never cut.</summary>
    public static string Noted(Layer layer, int length) =>
        $"{layer}" is var text && text.Length <= length ? text
        : Notes(layer) is var notes && notes.Length == 0 ? Brief(layer, length)
        : $"({Brief(layer, length)}){notes}";

    /// <summary>
    /// Steps one after the other, without their notes, as text if that has at most so many letters; otherwise the
    /// operators that they are made of, or their number.
    /// </summary>
    public static string Steps(Many<Layer> steps, int length) =>
        steps is [var only] ? Text(Bare(only), length)
        : string.Join(" >> ", steps.Map(s => $"{Bare(s)}")) is var text && text.Length <= length ? text
        : BriefSteps(steps, length);

    private static string BriefSteps(Many<Layer> steps, int length) =>
        steps.ForAll(s => Name(Bare(s)) == nameof(Sequence<,>)) ? $"{steps.Count} blocks"
        : string.Join(" >> ", steps.Map(Word)) is var words && words.Length <= length ? words
        : $"{steps.Count} steps";

    private static string Brief(Layer layer, int length) =>
        Bare(layer) switch
        {
            var bare when bare.Parts.IsEmpty => Cut($"{bare}", length),
            var bare when Name(bare) == nameof(Sequence<,>) => BriefSteps(bare.Parts, length),
            var bare when IsResidual(bare) => Cut($"Residual({Brief(bare.Parts[1], length)})", length),
            var bare
                when Name(bare) == nameof(Sum<,>)
                    && string.Join(" + ", bare.Parts.Map(Word)) is var terms
                    && terms.Length <= length => terms,
            var bare => Cut($"{bare}", length),
        };

    private static string Word(Layer layer) =>
        Bare(layer) is var bare && Name(bare) == nameof(Elementwise<>) ? $"{bare}" : Operator(bare);

    /// <summary>Text, cut where it is longer than so many letters.</summary>
    public static string Cut(string text, int length) =>
        text.Length <= length ? text : text[..Math.Max(0, length - 1)].TrimEnd() + "…";

    /// <summary>The lengths of a tensor without the batch: <c>512×40×40</c>.</summary>
    public static string Sizes(Shape shape) =>
        string.Join('×', shape.Dimensions.Filter(d => d.Axis != Axis.Batch).Map(d => $"{d.Size}"));

    /// <summary>The kind and the sizes of a signal: <c>(FeatureMap 512×40×40, Words 20×1000)</c>.</summary>
    public static string Of(Signal signal, Kind kind) =>
        (signal, kind) switch
        {
            (Signal.Tensor(var node, _), _) => $"{kind} {Sizes(node.Shape)}".TrimEnd(),
            (Signal.Pair(var a, var b), Kind.Pair(var first, var second)) => $"({Of(a, first)}, {Of(b, second)})",
            (Signal.Levels(var levels), Kind.Levels(var each)) when Folded(levels.Map(l => l.Signal)) is { } folded =>
                $"Levels<{each}> {folded}",
            _ => $"{kind}",
        };

    /// <summary>The sizes of a signal alone.</summary>
    public static string Sizes(Signal signal) =>
        signal switch
        {
            Signal.Tensor(var node, _) => Sizes(node.Shape),
            Signal.Pair(var a, var b) => $"({Sizes(a)}, {Sizes(b)})",
            Signal.Levels(var levels) => Folded(levels.Map(l => l.Signal)) ?? $"{levels.Count} levels",
            _ => "",
        };

    // Levels that differ on some axes alone: {512, 1024, 2048}×40×40.
    private static string? Folded(Many<Signal> levels) =>
        levels.Choose(l =>
            l is Signal.Tensor(var node, _) ? Option<Shape>.Some(node.Shape.Without(Axis.Batch)) : Option<Shape>.None
        )
            is var shapes
        && shapes.Count == levels.Count
        && !shapes.IsEmpty
        && shapes.ForAll(s => s.Axes == shapes[0].Axes)
            ? string.Join(
                '×',
                shapes[0]
                    .Axes.Map(axis =>
                        shapes.Map(s => s[axis]) is var sizes && sizes.Distinct() is [var same]
                            ? $"{same}"
                            : $"{{{string.Join(", ", sizes)}}}"
                    )
            )
            : null;
}
