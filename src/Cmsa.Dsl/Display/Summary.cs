using Cmsa.Dsl.Graphs;

namespace Cmsa.Dsl.Display;

/// <summary>Signals in a few words: their kinds and sizes.</summary>
internal static class Summary
{
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
    private static string? Folded(Many<Signal> levels)
    {
        var shapes = levels.OfType<Signal.Tensor>().Select(l => l.Of.Shape.Without(Axis.Batch)).ToMany();
        var alike = shapes.Count == levels.Count && !shapes.IsEmpty && shapes.ForAll(s => s.Axes == shapes[0].Axes);
        return alike ? string.Join('×', shapes[0].Axes.Map(axis => Size(shapes.Map(s => s[axis])))) : null;
    }

    private static string Size(Many<int> sizes) =>
        sizes.Distinct() is [var same] ? $"{same}" : $"{{{string.Join(", ", sizes)}}}";
}
