using Cmsa.Dsl.Graphs;
using static Cmsa.Dsl.Rewriting.Examples;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>What does nothing is left out.</summary>
public static class DropNothing
{
    private static readonly Variable<Node> x = new("x");
    private static readonly Variable<Drop> drop = new("dropout");
    private static readonly Variable<Rename> rename = new("rename"),
        second = new("rename'");
    private static readonly Variable<Many<(Axis, Axis)>> present = new("names of its axes");

    /// <summary>Dropout at inference.</summary>
    public static Rule Dropout { get; } =
        new Rule("no dropout", drop.On(x))
            .Needs(RuleContext.Inference)
            .Becomes(x)
            .Example(() => new(new Drop(0.5), Data("x", C(3))));

    /// <summary>A renaming of axes that the node does not have.</summary>
    public static Rule Rename { get; } =
        new Rule("no rename", rename.On(x))
            .Let(present, at => rename.In(at).Names.Filter(n => x.In(at).Shape.Has(n.From)))
            .Pays(
                "it renames an axis that is not there, or none",
                at => present.In(at).Count < rename.In(at).Names.Count || present.In(at).IsEmpty,
                refused: () => Data("x", R(3)).Rename((Axis.Row, Axis.Column))
            )
            .Becomes(at => present.In(at).IsEmpty ? x.In(at) : x.In(at).Rename(present.In(at)))
            .Example(() => Data("x", C(3)).Rename((Axis.Row, Axis.Column)))
            .Example(() => Data("x", R(3)).Rename((Axis.Row, Axis.Column), (Axis.Word, Axis.Word.Prime)));

    /// <summary>A renaming undone.</summary>
    public static Rule Undone { get; } =
        new Rule("rename twice", second.On(rename.On(x)))
            .Becomes(at => x.In(at).Rename(Composed(rename.In(at), second.In(at), x.In(at).Shape.Axes)))
            .Example(() => Data("x", R(3)).Rename((Axis.Row, Axis.Column)).Rename((Axis.Column, Axis.Word)))
            .Example(() =>
                Data("x", R(3), N(2))
                    .Rename((Axis.Row, Axis.Column))
                    .Rename((Axis.Column, Axis.Row), (Axis.Word, Axis.Word.Prime))
            );

    private static Many<(Axis From, Axis To)> Composed(Rename first, Rename second, Many<Axis> axes) =>
        axes.Map(a => (From: a, To: second.Name(first.Name(a)))).Filter(n => n.From != n.To);
}
