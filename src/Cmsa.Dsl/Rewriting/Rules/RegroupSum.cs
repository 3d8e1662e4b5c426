using Cmsa.Dsl.Graphs;
using LanguageExt;
using static Cmsa.Dsl.Rewriting.Examples;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Terms of a sum that have the same axes are added first, so that little is added for many.</summary>
public static class RegroupSum
{
    private static readonly Variable<Node> sum = new("sum"),
        better = new("sum of groups");
    private static readonly Variable<Many<Node>> addends = new("x");

    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new Rule("regroup sum", sum.Is(addends.Seen("sum {0}", Several, [typeof(Add)])))
            .Let(better, at => sum.In(at).Groups.Sum())
            .Pays(
                "it spares work",
                at => better.In(at).Work(addends.In(at)) < sum.In(at).Work(addends.In(at)),
                refused: () => Data("x", R(2)) + Data("y", K(3)) + Data("z", N(2))
            )
            .Becomes(better)
            .Example(() => Data("x", R(2)) + Data("y", K(3)) + Data("z", R(2)));

    private static Option<Many<Node>> Several(Node node) =>
        node.Operation is Add && node.Addends is { Count: > 2 } addends ? Some(addends) : None;
}
