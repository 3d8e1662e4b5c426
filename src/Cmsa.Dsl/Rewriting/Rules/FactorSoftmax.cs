using Cmsa.Dsl.Programs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>
/// A distribution whose logits are a sum of terms over different axes is a product of distributions; terms that are the same everywhere drop out. With the scores
/// of an attention, q . k of sums, it is what makes attention over pairs of places and words two attentions.
/// </summary>
public static class FactorSoftmax
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } = new(
        "factor softmax",
        "softmax_ij(x_i + y_j + c) = softmax_i(x_i) softmax_j(y_j)",
        value => value is { Operation: Softmax(var axes), Operands: [var logits, ..] }
                && Terms(logits) is { Count: > 1 } terms
                && terms.Filter(t => axes.Exists(t.Shape.Has)) is { IsEmpty: false } relevant
                && MaskParts(value.Operands.Tail) is var masks
                && Components(axes, [.. relevant, .. masks]) is var components
                && (components.Count > 1 || relevant.Count < terms.Count)
                && axes.ForAll(a => components.Exists(c => c.Contains(a)))
                && components.ForAll(c => relevant.Exists(t => c.Exists(t.Shape.Has)))
            ? Some(components.Map(c => Softmax(c, relevant, masks)).Product().As(value.Shape))
            : None);

    /// <summary>The terms of the logits; those of a contraction of two sums are all contractions of one term with another.</summary>
    private static Many<Value> Terms(Value logits) => logits.Groups.Bind(term =>
        term is { Operation: Contract(var over), Operands: [var left, var right] } && over.ForAll(a => Everywhere(left, a) && Everywhere(right, a))
            ? left.Groups.Bind(l => right.Groups.Map(r => l.Contract(r, over)))
            : [term]);

    private static bool Everywhere(Value sum, Axis axis) => sum.Groups.ForAll(g => g.Shape.Has(axis));

    private static Many<Value> MaskParts(Many<Value> masks) =>
        masks.Bind(m => m.Operation is Logic(Connective.And) ? MaskParts(m.Operands) : [m]);

    private static Value Softmax(Many<Axis> axes, Many<Value> terms, Many<Value> masks) =>
        masks.Filter(m => axes.Exists(m.Shape.Has)) is var mine
            ? Group(terms.Filter(t => axes.Exists(t.Shape.Has))).Softmax(axes, mine.IsEmpty ? None : Some(mine.Tail.Fold(mine.Head, (a, b) => new Value(new Logic(Connective.And), a, b))))
            : terms.Head;

    private static Value Group(Many<Value> terms) => terms.Sum().Groups.Sum();

    /// <summary>The axes of the distribution in groups that no term and no mask joins.</summary>
    private static Many<Many<Axis>> Components(Many<Axis> axes, Many<Value> terms) => terms.Fold(axes.Map(a => (Many<Axis>)[a]), (components, term) =>
        components.Filter(c => c.Exists(term.Shape.Has)) is { Count: > 1 } joined
            ? [.. components.Filter(c => !joined.Contains(c)), joined.Bind(c => c)]
            : components);
}
