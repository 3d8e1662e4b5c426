using LanguageExt;
using Cmsa.Dsl.Programs;

namespace Cmsa.Dsl.Display;

/// <summary>Layers and signals in a few words, where there is no room for all of them.</summary>
internal static class Summary
{
    /// <summary>The name of a record of the language, without its kinds: Sequence, Conv.</summary>
    public static string Name(Layer layer) => layer.GetType().Name.Split('`')[0];

    /// <summary>Whether a layer is <c>Identity + f</c>.</summary>
    public static bool IsResidual(Layer layer) => Name(layer) == nameof(Sum<,>) && layer.Parts is [var first, _] && Name(first) == nameof(Identity<>);

    /// <summary>What a layer says about another without computing anything: its name, that it is shared, that it is fixed.</summary>
    public static bool IsNote(Layer layer) => Name(layer) is nameof(Named<,>) or nameof(Shared<,>) or nameof(Frozen<,>);

    /// <summary>The layer below all notes.</summary>
    public static Layer Bare(Layer layer) => IsNote(layer) ? Bare(layer.Parts[0]) : layer;

    /// <summary>The operator of a layer whose parts are shown elsewhere: Residual, Sequence.</summary>
    public static string Operator(Layer layer) => Bare(layer) is var bare && IsResidual(bare) ? "Residual" : Name(bare);

    /// <summary>The layer as text, cut where it is longer than so many letters.</summary>
    public static string Text(Layer layer, int length = int.MaxValue) => Cut($"{layer}", length);

    /// <summary>Text, cut where it is longer than so many letters.</summary>
    public static string Cut(string text, int length) => text.Length <= length ? text : text[..Math.Max(0, length - 1)].TrimEnd() + "…";

    /// <summary>The lengths of a tensor without the batch: <c>512×40×40</c>.</summary>
    public static string Sizes(Shape shape) => string.Join('×', shape.Dimensions.Filter(d => d.Axis != Axis.Batch).Map(d => $"{d.Size}"));

    /// <summary>The kind and the sizes of a signal: <c>(FeatureMap 512×40×40, Words 20×1000)</c>.</summary>
    public static string Of(Signal signal, Kind kind) => (signal, kind) switch
    {
        (Signal.Tensor(var value, _), _) => $"{kind} {Sizes(value.Shape)}".TrimEnd(),
        (Signal.Pair(var a, var b), Kind.Pair(var first, var second)) => $"({Of(a, first)}, {Of(b, second)})",
        (Signal.Levels(var levels), Kind.Levels(var each)) when Folded(levels.Map(l => l.Signal)) is { } folded => $"Levels<{each}> {folded}",
        _ => $"{kind}",
    };

    /// <summary>The sizes of a signal alone.</summary>
    public static string Sizes(Signal signal) => signal switch
    {
        Signal.Tensor(var value, _) => Sizes(value.Shape),
        Signal.Pair(var a, var b) => $"({Sizes(a)}, {Sizes(b)})",
        Signal.Levels(var levels) => Folded(levels.Map(l => l.Signal)) ?? $"{levels.Count} levels",
        _ => "",
    };

    // Levels that differ on some axes alone: {512, 1024, 2048}×40×40.
    private static string? Folded(Many<Signal> levels) =>
        levels.Choose(l => l is Signal.Tensor(var value, _) ? Option<Shape>.Some(value.Shape.Without(Axis.Batch)) : Option<Shape>.None) is var shapes
        && shapes.Count == levels.Count && !shapes.IsEmpty && shapes.ForAll(s => s.Axes == shapes[0].Axes)
            ? string.Join('×', shapes[0].Axes.Map(axis => shapes.Map(s => s[axis]) is var sizes && sizes.Distinct() is [var same] ? $"{same}" : $"{{{string.Join(", ", sizes)}}}"))
            : null;
}
