using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>What does nothing is left out.</summary>
public static class DropNothing
{
    /// <summary>Dropout at inference.</summary>
    public static Rule Dropout { get; } = new("no dropout", "at inference dropout(x) = x", value => value.Operation is Drop ? Some(value.Operands[0]) : None);

    /// <summary>A renaming of axes that the value does not have.</summary>
    public static Rule Rename { get; } = new(
        "no rename",
        "x with no axis renamed = x",
        value => value.Operation is Rename(var names) && names.Filter(n => value.Operands[0].Shape.Has(n.From)) is var real && (real.Count < names.Count || names.IsEmpty)
            ? Some(real.IsEmpty ? value.Operands[0] : value.Operands[0].Rename(real))
            : None);

    /// <summary>A renaming undone.</summary>
    public static Rule Undone { get; } = new(
        "rename twice",
        "(x_i)_(i -> j)_(j -> i) = x_i",
        value => value is { Operation: Rename second, Operands: [{ Operation: Rename first, Operands: [var x] }] }
            ? Some(x.Rename(x.Shape.Axes.Map(a => (a, second.Name(first.Name(a)))).Filter(n => n.Item1 != n.Item2)))
            : None);
}
