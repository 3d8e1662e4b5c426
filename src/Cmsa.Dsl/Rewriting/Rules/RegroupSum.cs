using Cmsa.Dsl.Graphs;
using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Dsl.Rewriting.Rules;

/// <summary>Terms of a sum that have the same axes are added first, so that little is added for many.</summary>
public static class RegroupSum
{
    /// <summary>The rule.</summary>
    public static Rule Rule { get; } =
        new(
            "regroup sum",
            "(x + y) + z = (x + z) + y",
            node =>
                node is { Operation: Add }
                && node.Addends is { Count: > 2 } addends
                && node.Groups.Sum() is var better
                && better.Shape == node.Shape
                && better.Work(addends) < node.Work(addends)
                    ? Some(better)
                    : None
        );
}
