using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>What does nothing is left out.</summary>
public static class DropNothing
{
    /// <summary>Dropout at inference.</summary>
    public static Rule Dropout { get; } =
        new(
            "no dropout",
            "at inference dropout(x) = x",
            node => node.Operation is Drop ? Some(node.Operands[0]) : None
        );

    /// <summary>A renaming of axes that the value does not have.</summary>
    public static Rule Rename { get; } =
        new(
            "no rename",
            "x with no axis renamed = x",
            node =>
                node.Operation is Rename(var names)
                && names.Filter(n => node.Operands[0].Shape.Has(n.From)) is var real
                && (real.Count < names.Count || names.IsEmpty)
                    ? Some(real.IsEmpty ? node.Operands[0] : node.Operands[0].Rename(real))
                    : None
        );

    /// <summary>A renaming undone.</summary>
    public static Rule Undone { get; } =
        new(
            "rename twice",
            "(x_i)_(i -> j)_(j -> i) = x_i",
            node =>
                node is { Operation: Rename second, Operands: [{ Operation: Rename first, Operands: [var x] }] }
                    ? Some(
                        x.Rename(x.Shape.Axes.Map(a => (a, second.Name(first.Name(a)))).Filter(n => n.Item1 != n.Item2))
                    )
                    : None
        );
}
