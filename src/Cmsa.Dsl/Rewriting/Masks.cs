using Cmsa.Dsl.Graphs;
using LanguageExt;

namespace Cmsa.Dsl.Rewriting;

/// <summary>What is known of booleans before anything runs.</summary>
internal static class Masks
{
    extension(Node mask)
    {
        /// <summary>The booleans that all must be true.</summary>
        public Many<Node> Conditions =>
            mask.Operation is Logic(Connective.And) ? mask.Operands.Bind(o => o.Conditions) : [mask];

        /// <summary>
        /// Whether the mask is true somewhere along some axes, wherever one is along the others: an expression has a
        /// word at least, and of two places one is another.
        /// </summary>
        public bool IsCertain(Many<Axis> axes) =>
            mask switch
            {
                // What a module is given is looked at before it runs.
                { Operation: Input { Element: ElementType.Boolean } }
                or { Operation: IsWord, Operands: [{ Operation: Input }] } => mask.Shape.Axes == [Axis.Batch, Axis.Word]
                    && axes.Contains(Axis.Word),
                { Operation: PoolPresence, Operands: [var pooled] } => pooled.IsCertain(axes),
                { Operation: Always } => true,
                { Operation: NotEqual(var of) } => of.Count > 1 && of.Axes.ForAll(a => axes.Contains(a.Prime)),
                { Operation: Rename names, Operands: [var renamed] } => renamed.IsCertain(
                    renamed.Shape.Axes.Filter(a => axes.Contains(names.Name(a)))
                ),
                { Operation: Repeat, Operands: [var repeated] } => repeated.IsCertain(axes),
                { Operation: Logic(Connective.And), Operands: [var left, var right] } => left.IsCertain(axes)
                    && right.IsCertain(axes)
                    && !axes.Exists(a => left.Shape.Has(a) && right.Shape.Has(a)),
                { Operation: Logic(Connective.Or), Operands: [var left, var right] } => left.IsCertain(axes)
                    || right.IsCertain(axes),
                _ => false,
            };
    }

    /// <summary>All of some conditions; none where there are none.</summary>
    public static Option<Node> All(this Many<Node> conditions) =>
        conditions.IsEmpty
            ? Option<Node>.None
            : Option<Node>.Some(conditions.Tail.Fold(conditions.Head, (a, b) => a.And(b)));

    /// <summary>
    /// 1 where a mask is true somewhere along some axes, 0 elsewhere; axes that it lacks do not matter.
    /// </summary>
    public static Node Any(this Node mask, Many<Axis> axes) =>
        Node.Constant(1).Reduce(Reduction.Max, axes.Filter(mask.Shape.Has), Option<Node>.Some(mask));
}
